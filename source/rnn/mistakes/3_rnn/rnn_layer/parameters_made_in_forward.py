"""You create the linear maps inside forward, so every call has new random weights and none of them is ever learned.

Parameters are made once, in __init__.
"""
# loses: test_rnn_layer, test_rnn_layer_gradients, test_rnn_layer_training, test_recurrent_matrix
# category: parameters not registered


class RNNLayer(nn.Module):
    def __init__(self, input_size, hidden_size, nonlinearity=torch.tanh):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.nonlinearity = nonlinearity
        self.h_list = []
        pass

    def store_h_for_grad(self, h):
        if h.requires_grad:
            h.retain_grad()
        self.h_list.append(h)

    def forward(self, x):
        self.h_list = []
        self.W_x = nn.Linear(self.input_size, self.hidden_size, bias=False)
        self.W_h = nn.Linear(self.hidden_size, self.hidden_size)
        h = x.new_zeros(x.shape[0], self.hidden_size)
        for x_t in x.unbind(dim=1):
            h = self.nonlinearity(self.W_x(x_t) + self.W_h(h))
            self.store_h_for_grad(h)
        return torch.stack(self.h_list, dim=1), h
