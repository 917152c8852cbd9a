"""Your layer goes on from the states of the call before.

Every call of forward starts from h_0 = c_0 = 0.
"""
# loses: test_lstm_layer
# category: state kept between calls


class LSTMLayer(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.gates = nn.Linear(input_size + hidden_size, 4 * hidden_size)
        self.state = None

    def forward(self, x):
        h = c = x.new_zeros(x.shape[0], self.hidden_size)
        if self.state is not None:
            h, c = self.state
        states = []
        for x_t in x.unbind(dim=1):
            f, i, o, g = self.gates(torch.cat([x_t, h], dim=-1)).chunk(4, dim=-1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            states.append(h)
        self.state = h.detach(), c.detach()
        return torch.stack(states, dim=1), (h, c)
