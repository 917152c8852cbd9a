class RNNLayer(nn.Module):
    class Cell(nn.Module):
        def __init__(self, d, h, f):
            super().__init__()
            self.f = f
            self.mix = nn.Linear(h + d, h)
            nn.init.xavier_uniform_(self.mix.weight)

        def forward(self, x_t, h):
            return self.f(self.mix(torch.hstack([h, x_t])))

    def __init__(self, input_size, hidden_size, nonlinearity=torch.tanh):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.nonlinearity = nonlinearity
        self.h_list = []
        self.cell = self.Cell(input_size, hidden_size, nonlinearity)

    def store_h_for_grad(self, h):
        if h.requires_grad:
            h.retain_grad()
        self.h_list.append(h)

    def forward(self, x):
        self.h_list = []
        h = x.new_zeros((len(x), self.hidden_size))
        for x_t in x.transpose(0, 1):
            h = self.cell(x_t, h)
            self.store_h_for_grad(h)
        everything = torch.stack(tuple(self.h_list), dim=-2)
        return everything, self.h_list[-1]


# cell: recurrent_matrix
def recurrent_matrix(layer):
    return layer.cell.mix.weight[:, : layer.hidden_size].detach().T
