"""You forget with 1 - i_t in place of the forget gate. That is another kind of cell, not this LSTM.

The forget gate has parameters of its own.
"""
# loses: test_lstm_layer
# category: gate


class LSTMLayer(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.gates = nn.Linear(input_size + hidden_size, 4 * hidden_size)

    def forward(self, x):
        h = c = x.new_zeros(x.shape[0], self.hidden_size)
        states = []
        for x_t in x.unbind(dim=1):
            _, i, o, g = self.gates(torch.cat([x_t, h], dim=-1)).chunk(4, dim=-1)
            c = (1 - torch.sigmoid(i)) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            states.append(h)
        return torch.stack(states, dim=1), (h, c)
