"""Your list holds one and the same LSTMLayer several times, so all layers above the first share their weights.

[layer] * n repeats the object; make a new layer each time.
"""
# loses: test_lstm_stack
# category: number of parameters


class LSTM(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        self.hidden_size, self.num_layers = hidden_size, num_layers
        upper = num_layers > 1 and LSTMLayer(hidden_size, hidden_size)
        self.floors = nn.ModuleList([LSTMLayer(input_size, hidden_size), *[upper] * (num_layers - 1)])

    def forward(self, x):
        ends = []
        for floor in self.floors:
            x, (last_h, _) = floor(x)
            ends += [last_h]
        return x, torch.stack(ends)
