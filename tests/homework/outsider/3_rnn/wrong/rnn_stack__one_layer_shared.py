# wrong: [layer] * n puts the same layer n times into the list, so all later layers share one set of parameters; make a new one each time.
class RNN(nn.Module):
    """Several RNNLayers on top of each other, with the default nonlinearity.

    Args:
        input_size: D, the number of input features at one timestep.
        hidden_size: H, the number of hidden units of every layer.
        num_layers: L, the number of layers.
    """

    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.stack = nn.ModuleList([RNNLayer(input_size, hidden_size)] + [RNNLayer(hidden_size, hidden_size)] * (num_layers - 1))

    def forward(self, x):
        """Run all layers over the whole sequence.

        Args:
            x: input of shape (B, T, D).

        Returns:
            last_layer_h: the hidden states of the last layer, shape (B, T, H).
            last_step: the last hidden state of every layer, first layer first, shape (L, B, H).
        """
        last = []
        for layer in self.stack:
            x, h = layer(x)
            last.append(h)
        return x, torch.stack(last)
