"""You return the hidden states of the first layer; the last layer's are wanted.

Look at which variable survives your loop.
"""
# loses: test_lstm_stack
# category: wrong layer


class LSTM(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        sizes = [input_size] + [hidden_size] * (num_layers - 1)
        self.layers = nn.ModuleList(LSTMLayer(size, hidden_size) for size in sizes)

    def forward(self, x):
        last_step, first = [], None
        for layer in self.layers:
            x, (last_h, _) = layer(x)
            first = x if first is None else first
            last_step.append(last_h)
        return first, torch.stack(last_step)
