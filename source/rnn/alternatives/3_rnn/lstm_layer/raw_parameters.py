"""Raw parameters with one slice per gate, biases as a (4, H) matrix."""


class LSTMLayer(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        k = hidden_size**-0.5
        self.U = nn.Parameter(torch.empty(4, input_size, hidden_size).uniform_(-k, k))
        self.V = nn.Parameter(torch.empty(4, hidden_size, hidden_size).uniform_(-k, k))
        self.c = nn.Parameter(torch.zeros(4, hidden_size))

    def forward(self, x):
        h = c = x.new_zeros(x.shape[0], self.hidden_size)
        states = []
        for x_t in x.unbind(dim=1):
            z = torch.einsum("bd,gdh->gbh", x_t, self.U) + torch.einsum("bh,ghk->gbk", h, self.V) + self.c[:, None]
            c = torch.sigmoid(z[0]) * c + torch.sigmoid(z[1]) * torch.tanh(z[3])
            h = torch.sigmoid(z[2]) * torch.tanh(c)
            states.append(h)
        return torch.stack(states, dim=1), (h, c)
