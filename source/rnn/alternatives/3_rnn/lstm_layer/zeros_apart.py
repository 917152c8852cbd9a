"""Two states of torch.zeros, in one tensor operation for all three gates."""


class LSTMLayer(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.x_gates = nn.Linear(input_size, 4 * hidden_size, bias=False)
        self.h_gates = nn.Linear(hidden_size, 4 * hidden_size)

    def forward(self, x):
        h = torch.zeros(x.shape[0], self.hidden_size)
        c = torch.zeros(x.shape[0], self.hidden_size)
        states = []
        for x_t in x.unbind(dim=1):
            z = self.x_gates(x_t) + self.h_gates(h)
            H = self.hidden_size
            gates, g = torch.sigmoid(z[:, : 3 * H]), torch.tanh(z[:, 3 * H :])
            c = gates[:, :H] * c + gates[:, H : 2 * H] * g
            h = gates[:, 2 * H :] * torch.tanh(c)
            states.append(h)
        return torch.stack(states, dim=1), (h, c)
