class RNNLayer(nn.Module):
    def __init__(self, input_size, hidden_size, nonlinearity=torch.tanh):
        super().__init__()
        self.input_size, self.hidden_size, self.nonlinearity = input_size, hidden_size, nonlinearity
        self.h_list = []
        k = hidden_size ** -0.5
        self.q = nn.Parameter(torch.empty(hidden_size, hidden_size).uniform_(-k, k))
        self.r = nn.Parameter(torch.empty(input_size, hidden_size).uniform_(-k, k))
        self.s = nn.Parameter(torch.empty(hidden_size).uniform_(-k, k))

    def store_h_for_grad(self, h):
        if h.requires_grad:
            h.retain_grad()
        self.h_list.append(h)

    def forward(self, x):
        self.h_list = []
        drive = torch.einsum("btd,dh->bth", x, self.r) + self.s
        h = None
        for t in range(drive.shape[1]):
            z = drive[:, t] if h is None else drive[:, t].addmm(h, self.q)
            h = self.nonlinearity(z)
            self.store_h_for_grad(h)
        return torch.stack(self.h_list, 1), h


# cell: recurrent_matrix
def recurrent_matrix(layer):
    return layer.q.detach().clone()
