"""Your bias starts at a large number, so tanh is saturated for every input and hardly any gradient comes through.

Start it at zero, or near it, as nn.Linear does by itself.
"""
# loses: test_rnn_layer_training
# category: initialisation


class RNNLayer(nn.Module):

    def __init__(self, input_size, hidden_size, nonlinearity=torch.tanh):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.nonlinearity = nonlinearity
        self.h_list = []
        self.W_x = nn.Linear(input_size, hidden_size, bias=False)
        self.W_h = nn.Linear(hidden_size, hidden_size)  # its bias is the one b
        nn.init.constant_(self.W_h.bias, 4.0)

    def store_h_for_grad(self, h):
        if h.requires_grad:
            h.retain_grad()
        self.h_list.append(h)

    def forward(self, x):
        self.h_list = []  # store_h_for_grad fills it with h_1 ... h_T
        h = x.new_zeros(x.shape[0], self.hidden_size)
        for x_t in x.unbind(dim=1):
            h = self.nonlinearity(self.W_x(x_t) + self.W_h(h))
            self.store_h_for_grad(h)
        return torch.stack(self.h_list, dim=1), h
