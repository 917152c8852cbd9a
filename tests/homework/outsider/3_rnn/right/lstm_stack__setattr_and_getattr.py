# right: layers as numbered attributes by setattr / getattr instead of a ModuleList
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
        for number in range(num_layers):
            setattr(self, f"layer_{number}", LSTMLayer(hidden_size if number else input_size, hidden_size))

    def forward(self, x):
        """Run all layers over the whole sequence.

        Args:
            x: input of shape (B, T, D).

        Returns:
            last_layer_h: the hidden states of the last layer, shape (B, T, H).
            last_step: the last hidden state h_T of every layer (not c_T), first layer first, shape (L, B, H).
        """
        steps = []
        for number in range(self.num_layers):
            x, pair = getattr(self, f"layer_{number}")(x)
            steps += [pair[0]]
        return x, torch.stack(tuple(steps), dim=0)
