# wrong: a copy of the answer to RNN in which only the name of the class was changed, so it is built from RNNLayers; it should be built from LSTMLayers, whose last state is a pair.
class LSTM(nn.Module):
    """Several LSTMLayers on top of each other.

    Args:
        input_size: D, the number of input features at one timestep.
        hidden_size: H, the number of hidden units of every layer.
        num_layers: L, the number of layers.
    """

    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.layers = nn.ModuleList()
        for i in range(num_layers):
            self.layers.append(RNNLayer(input_size if i == 0 else hidden_size, hidden_size))

    def forward(self, x):
        """Run all layers over the whole sequence.

        Args:
            x: input of shape (B, T, D).

        Returns:
            last_layer_h: the hidden states of the last layer, shape (B, T, H).
            last_step: the last hidden state h_T of every layer (not c_T), first layer first, shape (L, B, H).
        """
        last_step = []
        for layer in self.layers:
            x, last_h = layer(x)
            last_step.append(last_h)
        return x, torch.stack(last_step)
