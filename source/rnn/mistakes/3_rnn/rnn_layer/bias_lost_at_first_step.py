"""At the first timestep you skip the whole hidden map because h_0 is 0, and with it its bias.

W_h h_0 is 0, but b is not: make sure that h_1 = f(W_x x_1 + b).
"""
# loses: test_rnn_layer, test_rnn_layer_gradients
# category: bias


class RNNLayer(nn.Module):
    def __init__(self, input_size, hidden_size, nonlinearity=torch.tanh):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.nonlinearity = nonlinearity
        self.h_list = []
        self.W_x = nn.Linear(input_size, hidden_size, bias=False)
        self.W_h = nn.Linear(hidden_size, hidden_size)

    def store_h_for_grad(self, h):
        if h.requires_grad:
            h.retain_grad()
        self.h_list.append(h)

    def forward(self, x):
        self.h_list = []
        h = None
        for x_t in x.unbind(dim=1):
            h = self.nonlinearity(self.W_x(x_t) if h is None else self.W_x(x_t) + self.W_h(h))
            self.store_h_for_grad(h)
        return torch.stack(self.h_list, dim=1), h
