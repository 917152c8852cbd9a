"""Your candidate is made from the same numbers as the input gate.

g_t has weights of its own: there are four linear maps of (x_t, h_{t-1}), not three.
"""
# loses: test_lstm_layer
# category: number of parameters


class LSTMLayer(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.gates = nn.Linear(input_size + hidden_size, 3 * hidden_size)

    def forward(self, x):
        h = c = x.new_zeros(x.shape[0], self.hidden_size)
        states = []
        for x_t in x.unbind(dim=1):
            f, i, o = self.gates(torch.cat([x_t, h], dim=-1)).chunk(3, dim=-1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(i)
            h = torch.sigmoid(o) * torch.tanh(c)
            states.append(h)
        return torch.stack(states, dim=1), (h, c)
