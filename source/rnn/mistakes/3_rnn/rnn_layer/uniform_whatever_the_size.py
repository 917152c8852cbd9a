"""Your weights start uniformly between -1 and 1, whatever the number of units, which is too large for more than a few.

The sum over H units saturates tanh at once and the layer hardly learns; divide the bounds by sqrt(H).
"""
# loses: test_rnn_layer_training
# category: initialisation


class RNNLayer(nn.Module):
    def __init__(self, input_size, hidden_size, nonlinearity=torch.tanh):
        super().__init__()
        self.input_size, self.hidden_size, self.nonlinearity, self.h_list = input_size, hidden_size, nonlinearity, []
        self.W_x, self.W_h = nn.Linear(input_size, hidden_size), nn.Linear(hidden_size, hidden_size, bias=False)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -1.0, 1.0)

    def store_h_for_grad(self, h):
        if h.requires_grad:
            h.retain_grad()
        self.h_list.append(h)

    def forward(self, x):
        self.h_list = []
        h = x.new_zeros(len(x), self.hidden_size)
        for x_t in x.unbind(dim=1):
            h = self.nonlinearity(self.W_x(x_t) + self.W_h(h))
            self.store_h_for_grad(h)
        return torch.stack(self.h_list, dim=1), h
