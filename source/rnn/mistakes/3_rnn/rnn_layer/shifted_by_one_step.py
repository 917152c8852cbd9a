"""Your all_h starts with h_0 and misses h_T: you collect the state before you update it.

all_h holds h_1 to h_T, so collect each state after the update.
"""
# loses: test_rnn_layer, test_rnn_layer_gradients, test_rnn_layer_training
# category: off-by-one in time


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
        h = x.new_zeros(x.shape[0], self.hidden_size)
        states = []
        for x_t in x.unbind(dim=1):
            states.append(h)
            h = self.nonlinearity(self.W_x(x_t) + self.W_h(h))
            self.store_h_for_grad(h)
        return torch.stack(states, dim=1), h
