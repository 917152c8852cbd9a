"""Your net has three layers, whatever num_layers says.

Build them in a loop over num_layers.
"""
# loses: test_lstm_stack
# category: argument ignored


class LSTM(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        self.hidden_size, self.num_layers = hidden_size, num_layers
        lower, upper = LSTMLayer(input_size, hidden_size), LSTMLayer(hidden_size, hidden_size)
        self.floors = nn.ModuleList([lower, upper, LSTMLayer(hidden_size, hidden_size)])

    def forward(self, x):
        ends = []
        for floor in self.floors:
            x, (last_h, _) = floor(x)
            ends += [last_h]
        return x, torch.stack(ends)
