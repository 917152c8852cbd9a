"""Your last_step has only the last layer; it should have the last hidden state of every layer, shape (L, B, H).

Collect one last_h per layer.
"""
# loses: test_lstm_stack
# category: shape


class LSTM(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        sizes = [input_size] + [hidden_size] * (num_layers - 1)
        self.layers = nn.ModuleList(LSTMLayer(size, hidden_size) for size in sizes)

    def forward(self, x):
        for layer in self.layers:
            x, (last_h, _) = layer(x)
        return x, last_h
