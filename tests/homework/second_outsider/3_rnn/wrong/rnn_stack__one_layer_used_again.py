class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.first = RNNLayer(input_size, hidden_size)
        self.other = RNNLayer(hidden_size, hidden_size)

    def forward(self, x):
        x, last = self.first(x)
        steps = [last]
        for _ in range(self.num_layers - 1):
            x, last = self.other(x)
            steps.append(last)
        return x, torch.stack(steps)
