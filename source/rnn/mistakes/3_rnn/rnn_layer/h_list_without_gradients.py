"""The states in your h_list never get a gradient: they do not pass through store_h_for_grad, or they are copies (clone, detach) that the result does not depend on.

Give store_h_for_grad the very tensor that the next timestep and all_h are made of; it asks autograd to keep its gradient.
"""
# loses: test_rnn_layer_gradients
# category: hidden states not stored


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
        for x_t in x.unbind(dim=1):
            h = self.nonlinearity(self.W_x(x_t) + self.W_h(h))
            self.h_list.append(h)
        return torch.stack(self.h_list, dim=1), h
