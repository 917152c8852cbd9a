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
        h = x.new_zeros(x.size(0), self.hidden_size)
        states = []
        for t in range(x.size(1)):
            h = torch.tanh(self.W_x(x[:, t]) + self.W_h(h))
            self.store_h_for_grad(h)
            states.append(h)
        return torch.stack(states, 1), h


# cell: recurrent_matrix
def recurrent_matrix(layer):
    return layer.W_h.weight.detach()
