"""First layer apart from the rest, last steps concatenated."""


class LSTM(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.first = LSTMLayer(input_size, hidden_size)
        self.rest = nn.Sequential(*[LSTMLayer(hidden_size, hidden_size) for _ in range(num_layers - 1)])

    def forward(self, x):
        h, (last_h, last_c) = self.first(x)
        last_step = [last_h.unsqueeze(0)]
        for layer in self.rest:
            h, (last_h, last_c) = layer(h)
            last_step.append(last_h.unsqueeze(0))
        return h, torch.cat(last_step, dim=0)
