"""You put the nonlinearity around the part of the input only, and add W_h h afterwards: nothing keeps the states between -1 and 1.

The nonlinearity acts on the sum of both parts and the bias.
"""
# loses: test_rnn_layer, test_rnn_layer_gradients, test_rnn_layer_training
# category: nonlinearity


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
        h = x.new_zeros(x.shape[0], self.hidden_size)
        for x_t in x.unbind(dim=1):
            h = self.W_h(h) + self.nonlinearity(self.W_x(x_t))
            self.store_h_for_grad(h)
        return torch.stack(self.h_list, dim=1), h
