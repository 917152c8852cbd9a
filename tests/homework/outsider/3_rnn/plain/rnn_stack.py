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
        sizes = [input_size] + [hidden_size] * (num_layers - 1)
        self.stack = nn.ModuleList([RNNLayer(size, hidden_size) for size in sizes])

    def forward(self, x):
        """Run all layers over the whole sequence.

        Args:
            x: input of shape (B, T, D).

        Returns:
            last_layer_h: the hidden states of the last layer, shape (B, T, H).
            last_step: the last hidden state of every layer, first layer first, shape (L, B, H).
        """
        last_step = []
        for layer in self.stack:
            x, last_h = layer(x)
            last_step.append(last_h)
        return x, torch.stack(last_step)
