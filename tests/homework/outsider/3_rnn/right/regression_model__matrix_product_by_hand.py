# right: parameters of one's own instead of nn.Linear, keeps only what is needed of the net's result
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
        H = recurrent_net.hidden_size
        self.W_f = nn.Parameter(torch.randn(output_dim, H) / H**0.5)
        self.b_f = nn.Parameter(torch.zeros(output_dim))

    def forward(self, x):
        """Predict at every timestep.

        Args:
            x: input of shape (B, T, D).

        Returns:
            out: the predictions, shape (B, T, O).
            all_h: the hidden states that they were made from, shape (B, T, H).
        """
        result = self.recurrent_net(x)
        all_h = result[0]
        out = torch.einsum("oh,bth->bto", self.W_f, all_h) + self.b_f
        return out, all_h
