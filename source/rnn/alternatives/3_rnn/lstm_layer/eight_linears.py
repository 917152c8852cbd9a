"""Eight linear maps, every one of them with a bias, gates in the order i, o, f, g."""


class LSTMLayer(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.xi, self.hi = nn.Linear(input_size, hidden_size), nn.Linear(hidden_size, hidden_size)
        self.xo, self.ho = nn.Linear(input_size, hidden_size), nn.Linear(hidden_size, hidden_size)
        self.xf, self.hf = nn.Linear(input_size, hidden_size), nn.Linear(hidden_size, hidden_size)
        self.xg, self.hg = nn.Linear(input_size, hidden_size), nn.Linear(hidden_size, hidden_size)

    def forward(self, x):
        h = c = x.new_zeros(x.shape[0], self.hidden_size)
        states = []
        for x_t in x.unbind(dim=1):
            i = torch.sigmoid(self.xi(x_t) + self.hi(h))
            o = torch.sigmoid(self.xo(x_t) + self.ho(h))
            f = torch.sigmoid(self.xf(x_t) + self.hf(h))
            g = torch.tanh(self.xg(x_t) + self.hg(h))
            c = f * c + i * g
            h = o * torch.tanh(c)
            states.append(h)
        return torch.stack(states, dim=1), (h, c)
