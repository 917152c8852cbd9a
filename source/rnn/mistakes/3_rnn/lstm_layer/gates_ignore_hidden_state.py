"""Your gates look at the input only.

Every gate has a matrix for x_t and one for h_{t-1}.
"""
# loses: test_lstm_layer
# category: missing term


class LSTMLayer(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.gates = nn.Linear(input_size, 4 * hidden_size)

    def forward(self, x):
        h = c = x.new_zeros(x.shape[0], self.hidden_size)
        states = []
        for x_t in x.unbind(dim=1):
            f, i, o, g = self.gates(x_t).chunk(4, dim=-1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            states.append(h)
        return torch.stack(states, dim=1), (h, c)
