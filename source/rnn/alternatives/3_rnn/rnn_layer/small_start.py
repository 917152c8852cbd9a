"""Raw matrices that start as small normal numbers, 0.01 times randn."""

from types import SimpleNamespace


class RNNLayer(nn.Module):
    def __init__(self, input_size, hidden_size, nonlinearity=torch.tanh):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.nonlinearity = nonlinearity
        self.h_list = []
        self.Wxh = nn.Parameter(torch.randn(hidden_size, input_size) * 0.01)
        self.Whh = nn.Parameter(torch.randn(hidden_size, hidden_size) * 0.01)
        self.bh = nn.Parameter(torch.zeros(hidden_size))

    def store_h_for_grad(self, h):
        if h.requires_grad:
            h.retain_grad()
        self.h_list.append(h)

    def forward(self, x):
        self.h_list = []
        h = x.new_zeros(x.shape[0], self.hidden_size)
        for t in range(x.shape[1]):
            h = self.nonlinearity(torch.matmul(x[:, t], self.Wxh.T) + torch.matmul(h, self.Whh.T) + self.bh)
            self.store_h_for_grad(h)
        return torch.stack(self.h_list, dim=1), h

    @property
    def W_h(self):  # only so that the model answer of 1.D finds this layer's matrix
        return SimpleNamespace(weight=self.Whh)
