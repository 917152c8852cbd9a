"""Your last_step holds the cell states; the hidden states are wanted.

A layer returns (last_h, last_c), in this order.
"""
# loses: test_lstm_stack
# category: wrong state


class LSTM(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        sizes = [input_size] + [hidden_size] * (num_layers - 1)
        self.layers = nn.ModuleList(LSTMLayer(size, hidden_size) for size in sizes)

    def forward(self, x):
        last_step = []
        for layer in self.layers:
            x, (_, last_c) = layer(x)
            last_step.append(last_c)
        return x, torch.stack(last_step)
