class LSTMLayer(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.x_map = nn.Linear(input_size, 4 * hidden_size)
        self.h_map = nn.Linear(hidden_size, 4 * hidden_size, bias=False)

    def forward(self, x):
        h = c = x.new_zeros(len(x), self.hidden_size)
        states = []
        for x_t in x.unbind(1):
            f, i, o, g = (self.x_map(x_t) + self.h_map(h)).chunk(4, dim=1)
            i, o, g = i.sigmoid(), o.sigmoid(), g.tanh()
            c = (1 - i) * c + i * g
            h = o * c.tanh()
            states.append(h)
        return torch.stack(states, dim=1), (h, c)
