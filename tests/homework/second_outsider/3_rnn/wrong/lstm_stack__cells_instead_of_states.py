class LSTM(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.layers = nn.ModuleList()
        for i in range(num_layers):
            self.layers.append(LSTMLayer(input_size if i == 0 else hidden_size, hidden_size))

    def forward(self, x):
        last = []
        for layer in self.layers:
            x, (h, c) = layer(x)
            last.append(c)
        return x, torch.stack(last)
