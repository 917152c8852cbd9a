"""Eight linear maps, the four of the hidden state without a bias."""


class LSTMLayer(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        def gate():
            return nn.ModuleList([nn.Linear(input_size, hidden_size), nn.Linear(hidden_size, hidden_size, bias=False)])

        self.forget, self.input, self.output, self.candidate = gate(), gate(), gate(), gate()

    def forward(self, x):
        h = c = x.new_zeros(x.shape[0], self.hidden_size)
        states = []
        for x_t in x.unbind(dim=1):
            f, i, o, g = (x_map(x_t) + h_map(h) for x_map, h_map in (self.forget, self.input, self.output, self.candidate))
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            states.append(h)
        return torch.stack(states, dim=1), (h, c)
