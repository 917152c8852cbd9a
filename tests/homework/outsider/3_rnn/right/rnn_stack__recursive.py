# right: recursive, a layer and then a smaller RNN on top of it
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
        self.below = RNNLayer(input_size, hidden_size)
        self.above = RNN(hidden_size, hidden_size, num_layers - 1) if num_layers > 1 else None

    def forward(self, x):
        """Run all layers over the whole sequence.

        Args:
            x: input of shape (B, T, D).

        Returns:
            last_layer_h: the hidden states of the last layer, shape (B, T, H).
            last_step: the last hidden state of every layer, first layer first, shape (L, B, H).
        """
        all_h, last_h = self.below(x)
        if self.above is None:
            return all_h, last_h.unsqueeze(0)
        top, steps = self.above(all_h)
        return top, torch.cat([last_h[None], steps])
