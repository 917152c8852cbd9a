class LSTM(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.stack = nn.ModuleList([LSTMLayer(input_size, hidden_size)])
        for _ in range(num_layers - 1):
            self.stack.append(LSTMLayer(hidden_size, hidden_size))

    def forward(self, x):
        lasts = []
        for layer in self.stack:
            x, (h, _) = layer(x)
            lasts.insert(0, h)
        return x, torch.stack(lasts)
