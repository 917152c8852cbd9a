"""Two maps with 4H outputs, both with a bias, gates in PyTorch's order i, f, g, o."""


class LSTMLayer(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.x_map = nn.Linear(input_size, 4 * hidden_size)
        self.h_map = nn.Linear(hidden_size, 4 * hidden_size)

    def forward(self, x):
        h = c = x.new_zeros(x.shape[0], self.hidden_size)
        states = []
        for x_t in x.unbind(dim=1):
            i, f, g, o = torch.split(self.x_map(x_t) + self.h_map(h), self.hidden_size, dim=1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            states.append(h)
        return torch.stack(states, dim=1), (h, c)
