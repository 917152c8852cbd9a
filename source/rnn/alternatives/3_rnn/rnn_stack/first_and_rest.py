"""First layer apart from the rest, last steps concatenated."""


class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.first = RNNLayer(input_size, hidden_size)
        self.rest = nn.Sequential(*[RNNLayer(hidden_size, hidden_size) for _ in range(num_layers - 1)])

    def forward(self, x):
        h, last_h = self.first(x)
        last_step = [last_h.unsqueeze(0)]
        for layer in self.rest:
            h, last_h = layer(h)
            last_step.append(last_h.unsqueeze(0))
        return h, torch.cat(last_step, dim=0)
