"""You set all parameters of all layers to one number at the start, so all units of a layer learn the same.

Leave the numbers that every layer starts with.
"""
# loses: test_lstm_stack
# category: initialisation


class LSTM(nn.Module):

    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        sizes = [input_size] + [hidden_size] * (num_layers - 1)
        self.layers = nn.ModuleList(LSTMLayer(size, hidden_size) for size in sizes)
        for parameter in self.parameters():
            nn.init.constant_(parameter, 0.1)

    def forward(self, x):
        last_step = []
        for layer in self.layers:
            x, (last_h, _) = layer(x)
            last_step.append(last_h)
        return x, torch.stack(last_step)
