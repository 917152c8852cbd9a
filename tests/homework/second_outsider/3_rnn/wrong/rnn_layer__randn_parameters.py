class RNNLayer(nn.Module):
    def __init__(self, input_size, hidden_size, nonlinearity=torch.tanh):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.nonlinearity = nonlinearity
        self.h_list = []
        self.Wx = nn.Parameter(torch.randn(hidden_size, input_size))
        self.Wh = nn.Parameter(torch.randn(hidden_size, hidden_size))
        self.b = nn.Parameter(torch.zeros(hidden_size))

    def store_h_for_grad(self, h):
        if h.requires_grad:
            h.retain_grad()
        self.h_list.append(h)

    def forward(self, x):
        self.h_list = []
        h = torch.zeros(x.size(0), self.hidden_size, dtype=x.dtype, device=x.device)
        for t in range(x.size(1)):
            h = self.nonlinearity(x[:, t] @ self.Wx.T + h @ self.Wh.T + self.b)
            self.store_h_for_grad(h)
        return torch.stack(self.h_list, dim=1), h


# cell: recurrent_matrix
def recurrent_matrix(layer):
    return layer.Wh.detach()
