class LSTM(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bottom = LSTMLayer(input_size, hidden_size)
        self.rest = LSTM(hidden_size, hidden_size, num_layers - 1) if num_layers > 1 else None

    def forward(self, x):
        h, (last, _) = self.bottom(x)
        last = last[None]
        if self.rest is None:
            return h, last
        top, others = self.rest(h)
        return top, torch.cat([last, others], dim=0)
