"""Your layer goes on from the last hidden state of the call before, so the result depends on what it saw earlier.

Every call of forward starts from h_0 = 0; keep no state on self from one call to the next.
"""
# loses: test_rnn_layer, test_rnn_layer_training
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

        self.h = None

    def store_h_for_grad(self, h):
        if h.requires_grad:
            h.retain_grad()
        self.h_list.append(h)

    def forward(self, x):
        self.h_list = []
        if self.h is None:
            self.h = torch.zeros(x.shape[0], self.hidden_size)
        for x_t in x.unbind(dim=1):
            self.h = self.nonlinearity(self.W_x(x_t) + self.W_h(self.h))
            self.store_h_for_grad(self.h)
        return torch.stack(self.h_list, dim=1), self.h
