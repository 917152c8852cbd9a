"""h_0 is None: the first step has no hidden part, the bias sits on the input map."""


class RNNLayer(nn.Module):
    def __init__(self, input_size, hidden_size, nonlinearity=torch.tanh):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.nonlinearity = nonlinearity
        self.h_list = []
        self.W_x = nn.Linear(input_size, hidden_size)
        self.W_h = nn.Linear(hidden_size, hidden_size, bias=False)

    def store_h_for_grad(self, h):
        if h.requires_grad:
            h.retain_grad()
        self.h_list.append(h)

    def forward(self, x):
        self.h_list = []
        h = None
        for x_t in x.unbind(dim=1):
            z = self.W_x(x_t)
            if h is not None:
                z = z + self.W_h(h)
            h = self.nonlinearity(z)
            self.store_h_for_grad(h)
        return torch.stack(self.h_list, dim=1), h
