"""Your h_list is emptied only when the layer is built, so it grows with every call.

Each call of forward starts with an empty list, as the given first line of forward did.
"""
# loses: test_rnn_layer_gradients
# category: state kept between calls


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
        h = x.new_zeros(x.shape[0], self.hidden_size)
        states = []
        for x_t in x.unbind(dim=1):
            h = self.nonlinearity(self.W_x(x_t) + self.W_h(h))
            self.store_h_for_grad(h)
            states.append(h)
        return torch.stack(states, dim=1), h
