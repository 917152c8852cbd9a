class RecurrentRegressionModel(nn.Module):
    """A recurrent net with a linear prediction at every timestep: y_t = W_f h_t + b_f.

    Args:
        recurrent_net: a module with an attribute `hidden_size` (H) whose forward returns (all_h, last), all_h (B, T, H).
        output_dim: O, the number of predicted values at one timestep.
    """

    def __init__(self, recurrent_net, output_dim=1):
        super().__init__()
        self.recurrent_net = recurrent_net
        self.output_dim = output_dim
        # Create the parameters W_f and b_f.
        self.head = nn.Linear(recurrent_net.hidden_size, output_dim)

    def forward(self, x):
        """Predict at every timestep.

        Args:
            x: input of shape (B, T, D).

        Returns:
            out: the predictions, shape (B, T, O).
            all_h: the hidden states that they were made from, shape (B, T, H).
        """
        all_h, _ = self.recurrent_net(x)
        return self.head(all_h), all_h
