"""You use nn.RNNCell, which has two bias vectors and knows only tanh and ReLU, so the nonlinearity you are given is ignored.

Write W_x x_t + W_h h_{t-1} + b out yourself.
"""
# loses: test_rnn_layer, test_rnn_layer_gradients
# category: number of parameters

from types import SimpleNamespace


class RNNLayer(nn.Module):
    def __init__(self, input_size, hidden_size, nonlinearity=torch.tanh):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.nonlinearity = nonlinearity
        self.h_list = []
        self.cell = nn.RNNCell(input_size, hidden_size, nonlinearity="relu" if nonlinearity is torch.relu else "tanh")

    def store_h_for_grad(self, h):
        if h.requires_grad:
            h.retain_grad()
        self.h_list.append(h)

    def forward(self, x):
        self.h_list = []
        h = x.new_zeros(x.shape[0], self.hidden_size)
        for x_t in x.unbind(dim=1):
            h = self.cell(x_t, h)
            self.store_h_for_grad(h)
        return torch.stack(self.h_list, dim=1), h

    @property
    def W_h(self):  # only so that the model answer of 1.D finds this layer's matrix
        return SimpleNamespace(weight=self.cell.weight_hh)
