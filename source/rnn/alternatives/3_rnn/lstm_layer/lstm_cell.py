"""nn.LSTMCell does the arithmetic of one timestep."""


class LSTMLayer(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.cell = nn.LSTMCell(input_size, hidden_size)

    def forward(self, x):
        h = c = x.new_zeros(x.shape[0], self.hidden_size)
        states = []
        for x_t in x.unbind(dim=1):
            h, c = self.cell(x_t, (h, c))
            states.append(h)
        return torch.stack(states, dim=1), (h, c)
