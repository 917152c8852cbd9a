"""You use the gates as they come out of the linear map, without the sigmoid.

A gate is a share between 0 and 1.
"""
# loses: test_lstm_layer
# category: nonlinearity


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
            f, i, o, g = self.gates(torch.cat([x_t, h], dim=-1)).chunk(4, dim=-1)
            c = f * c + i * torch.tanh(g)
            h = o * torch.tanh(c)
            states.append(h)
        return torch.stack(states, dim=1), (h, c)
