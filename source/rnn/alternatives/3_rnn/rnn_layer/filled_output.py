"""Writes each state into a prepared output tensor."""


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
        B, T, _ = x.shape
        all_h = x.new_zeros(B, T, self.hidden_size)
        h = all_h.new_zeros(B, self.hidden_size)
        for t in range(T):
            h = self.nonlinearity(self.W_x(x[:, t]) + self.W_h(h))
            self.store_h_for_grad(h)
            all_h[:, t] = h
        return all_h, h
