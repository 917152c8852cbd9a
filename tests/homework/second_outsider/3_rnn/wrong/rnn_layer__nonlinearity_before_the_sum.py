class RNNLayer(nn.Module):
    def __init__(self, input_size, hidden_size, nonlinearity=torch.tanh):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.nonlinearity = nonlinearity
        self.h_list = []
        self.i2h = nn.Linear(input_size, hidden_size)
        self.h2h = nn.Linear(hidden_size, hidden_size, bias=False)

    def store_h_for_grad(self, h):
        if h.requires_grad:
            h.retain_grad()
        self.h_list.append(h)

    def forward(self, x):
        self.h_list = []
        h = torch.zeros(x.shape[0], self.hidden_size).to(x)
        for t in range(x.shape[1]):
            h = self.nonlinearity(self.i2h(x[:, t, :])) + self.h2h(h)
            self.store_h_for_grad(h)
        all_h = torch.stack(self.h_list, dim=1)
        return all_h, all_h[:, -1]


# cell: recurrent_matrix
def recurrent_matrix(layer):
    return layer.h2h.weight.data
