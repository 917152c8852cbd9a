class RNNLayer(nn.Module):
    def __init__(self, input_size, hidden_size, nonlinearity=torch.tanh):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.nonlinearity = nonlinearity
        self.h_list = []
        self.x_to_h = nn.Linear(input_size, hidden_size)
        self.h_to_h = nn.Linear(hidden_size, hidden_size, bias=False)

    def store_h_for_grad(self, h):
        if h.requires_grad:
            h.retain_grad()
        self.h_list.append(h)

    def forward(self, x):
        self.h_list = []
        h = torch.zeros(x.size(0), self.hidden_size, dtype=x.dtype, device=x.device)
        all_h = []
        for t in range(x.size(1)):
            self.store_h_for_grad(h)
            h = self.nonlinearity(self.x_to_h(x[:, t]) + self.h_to_h(h))
            all_h.append(h)
        self.store_h_for_grad(h)
        return torch.stack(all_h, dim=1), h


# cell: recurrent_matrix
def recurrent_matrix(layer):
    return layer.h_to_h.weight.detach()
