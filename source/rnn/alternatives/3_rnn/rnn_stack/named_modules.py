"""Layers as numbered attributes, last steps read from the hidden states."""


class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        for index in range(num_layers):
            self.add_module(f"layer{index}", RNNLayer(hidden_size if index else input_size, hidden_size))

    def forward(self, x):
        last_step = x.new_zeros(self.num_layers, x.shape[0], self.hidden_size)
        for index in range(self.num_layers):
            x = getattr(self, f"layer{index}")(x)[0]
            last_step[index] = x[:, -1]
        return x, last_step
