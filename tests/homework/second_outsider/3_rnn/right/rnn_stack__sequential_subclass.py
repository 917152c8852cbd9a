class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        for i in range(num_layers):
            self.add_module(f"level_{i}", RNNLayer(hidden_size if i else input_size, hidden_size))

    def forward(self, x):
        ends = []
        for layer in self.children():
            x, end = layer(x)
            ends += [end.unsqueeze(0)]
        return x, torch.cat(ends)
