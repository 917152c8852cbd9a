"""F.linear with raw parameters; all inputs are multiplied at once before the loop."""

from types import SimpleNamespace


class RNNLayer(nn.Module):
    def __init__(self, input_size, hidden_size, nonlinearity=torch.tanh):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.nonlinearity = nonlinearity
        self.h_list = []
        self.kernel = nn.Parameter(torch.empty(hidden_size, input_size))
        self.recurrent = nn.Parameter(torch.empty(hidden_size, hidden_size))
        self.shift = nn.Parameter(torch.zeros(hidden_size))
        nn.init.xavier_uniform_(self.kernel)
        nn.init.orthogonal_(self.recurrent)

    def store_h_for_grad(self, h):
        if h.requires_grad:
            h.retain_grad()
        self.h_list.append(h)

    def forward(self, x):
        self.h_list = []
        inputs = F.linear(x, self.kernel, self.shift)
        h = torch.zeros(x.size(0), self.hidden_size, device=x.device, dtype=x.dtype)
        for t in range(x.size(1)):
            h = self.nonlinearity(inputs[:, t] + F.linear(h, self.recurrent))
            self.store_h_for_grad(h)
        return torch.stack(self.h_list, 1), h

    @property
    def W_h(self):  # only so that the model answer of 1.D finds this layer's matrix
        return SimpleNamespace(weight=self.recurrent)
