"""You store h_0 in h_list too, so it holds T + 1 states and every gradient appears one timestep late.

Only h_1 to h_T belong there: look at where you call store_h_for_grad for the first time.
"""
# loses: test_rnn_layer_gradients
# category: one state too many


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
        h = torch.zeros(x.shape[0], self.hidden_size, requires_grad=True)
        self.store_h_for_grad(h)
        for x_t in x.unbind(dim=1):
            h = self.nonlinearity(self.W_x(x_t) + self.W_h(h))
            self.store_h_for_grad(h)
        return torch.stack(self.h_list[1:], dim=1), h
