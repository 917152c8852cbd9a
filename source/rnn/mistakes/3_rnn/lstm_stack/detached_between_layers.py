"""You detach the states between two layers, so only the last layer learns from what the network returns.

Pass all_h on as it is.
"""
# loses: test_lstm_stack
# category: gradient cut


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
            x, (last_h, _) = layer(x.detach() if last_step else x)
            last_step.append(last_h)
        return x, torch.stack(last_step)
