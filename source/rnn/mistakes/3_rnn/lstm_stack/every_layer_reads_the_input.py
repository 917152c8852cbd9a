"""Every one of your layers reads x, side by side.

From the second layer on, the input is the sequence of hidden states of the layer below.
"""
# loses: test_lstm_stack
# category: shape


class LSTM(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.layers = nn.ModuleList(LSTMLayer(input_size, hidden_size) for _ in range(num_layers))

    def forward(self, x):
        last_step = []
        for layer in self.layers:
            all_h, (last_h, last_c) = layer(x)
            last_step.append(last_h)
        return all_h, torch.stack(last_step)
