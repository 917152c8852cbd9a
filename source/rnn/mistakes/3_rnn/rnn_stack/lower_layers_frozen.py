"""All your layers but the last one are frozen (requires_grad is False), so they are never learned.

Leave requires_grad alone.
"""
# loses: test_rnn_stack
# category: frozen parameters


class RNN(nn.Module):

    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        sizes = [input_size] + [hidden_size] * (num_layers - 1)
        self.layers = nn.ModuleList(RNNLayer(size, hidden_size) for size in sizes)
        self.layers[:-1].requires_grad_(False)

    def forward(self, x):
        last_step = []
        for layer in self.layers:
            x, last_h = layer(x)
            last_step.append(last_h)
        return x, torch.stack(last_step)
