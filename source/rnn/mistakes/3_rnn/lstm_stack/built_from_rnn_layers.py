"""Your LSTM is built from RNNLayers: it is the RNN under another name.

Build it from LSTMLayers, whose last state is a pair (last_h, last_c).
"""
# loses: test_lstm_stack
# category: wrong layer


class LSTM(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        self.hidden_size, self.num_layers = hidden_size, num_layers
        sizes = [input_size] + [hidden_size] * (num_layers - 1)
        self.floors = nn.ModuleList(RNNLayer(size, hidden_size) for size in sizes)

    def forward(self, x):
        ends = []
        for floor in self.floors:
            x, last_h = floor(x)
            ends += [last_h]
        return x, torch.stack(ends)
