"""One map, hidden state first, whose outputs are viewed as (B, H, 4)."""


class LSTMLayer(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.gates = nn.Linear(hidden_size + input_size, 4 * hidden_size)

    def forward(self, x):
        h = c = x.new_zeros(x.shape[0], self.hidden_size)
        states = []
        for x_t in x.unbind(dim=1):
            z = self.gates(torch.cat([h, x_t], dim=1)).view(-1, self.hidden_size, 4)
            g, o = torch.tanh(z[..., 0]), torch.sigmoid(z[..., 1])
            i, f = torch.sigmoid(z[..., 2]), torch.sigmoid(z[..., 3])
            c = f * c + i * g
            h = o * torch.tanh(c)
            states.append(h)
        return torch.stack(states, dim=1), (h, c)
