class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        sizes = [input_size] + [hidden_size] * (num_layers - 1)
        self.layers = [RNNLayer(s, hidden_size) for s in sizes]

    def forward(self, x):
        last = []
        for layer in self.layers:
            x, h = layer(x)
            last.append(h)
        return x, torch.stack(last, dim=0)
