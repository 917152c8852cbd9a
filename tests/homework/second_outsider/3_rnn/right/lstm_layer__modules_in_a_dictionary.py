class LSTMLayer(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.x = nn.ModuleDict({g: nn.Linear(input_size, hidden_size) for g in "ogif"})
        self.h = nn.ModuleDict({g: nn.Linear(hidden_size, hidden_size, bias=False) for g in "ogif"})

    def step(self, x_t, state):
        h, c = state
        pre = {g: self.x[g](x_t) + self.h[g](h) for g in self.x}
        c = torch.addcmul(pre["f"].sigmoid() * c, pre["i"].sigmoid(), pre["g"].tanh())
        return pre["o"].sigmoid().mul(c.tanh()), c

    def forward(self, x):
        zero = x.new_zeros(x.shape[0], self.hidden_size)
        state, seen = (zero, zero), []
        for x_t in x.unbind(dim=1):
            state = self.step(x_t, state)
            seen.append(state[0])
        return torch.stack(seen, dim=1), state
