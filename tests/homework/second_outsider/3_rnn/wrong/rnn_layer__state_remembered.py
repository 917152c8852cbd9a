class RNNLayer(nn.Module):
    def __init__(self, input_size, hidden_size, nonlinearity=torch.tanh):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.nonlinearity = nonlinearity
        self.h_list = []
        self.lin_x = nn.Linear(input_size, hidden_size)
        self.lin_h = nn.Linear(hidden_size, hidden_size, bias=False)
        self.h = None

    def store_h_for_grad(self, h):
        if h.requires_grad:
            h.retain_grad()
        self.h_list.append(h)

    def forward(self, x):
        self.h_list = []
        B, T, D = x.shape
        if self.h is None or self.h.shape[0] != B:
            self.h = torch.zeros(B, self.hidden_size, dtype=x.dtype, device=x.device)
        h = self.h
        out = []
        for t in range(T):
            h = self.nonlinearity(self.lin_x(x[:, t]) + self.lin_h(h))
            self.store_h_for_grad(h)
            out.append(h)
        self.h = h.detach()
        return torch.stack(out, dim=1), h


# cell: recurrent_matrix
def recurrent_matrix(layer):
    return layer.lin_h.weight.detach()
