"""You use the same LSTMLayer again and again, so all layers above the first share their weights.

Each layer is a module of its own.
"""
# loses: test_lstm_stack
# category: number of parameters


class LSTM(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.first = LSTMLayer(input_size, hidden_size)
        self.other = LSTMLayer(hidden_size, hidden_size)

    def forward(self, x):
        last_step = []
        for index in range(self.num_layers):
            layer = self.other if index else self.first
            x, (last_h, _) = layer(x)
            last_step.append(last_h)
        return x, torch.stack(last_step)
