# wrong: concatenates the states time first and then reshapes to (B, T, H), which mixes up sequences and timesteps; reshape does not transpose, stack along dim=1.
class RNNLayer(nn.Module):
    """A layer of a simple recurrent network: h_t = f(W_x x_t + W_h h_{t-1} + b), with h_0 = 0.

    Args:
        input_size: D, the number of input features at one timestep.
        hidden_size: H, the number of hidden units.
        nonlinearity: f, any function from a tensor to a tensor of the same shape.
    """

    def __init__(self, input_size, hidden_size, nonlinearity=torch.tanh):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.nonlinearity = nonlinearity
        self.h_list = []
        # Create the parameters W_x, W_h and b.
        self.input_map = nn.Linear(input_size, hidden_size)
        self.hidden_map = nn.Linear(hidden_size, hidden_size, bias=False)

    def store_h_for_grad(self, h):
        """Keep one hidden state (B, H) in `h_list` and ask autograd to keep its gradient (given; leave as it is)."""
        if h.requires_grad:
            h.retain_grad()
        self.h_list.append(h)

    def forward(self, x):
        """Run over the whole sequence, starting from h_0 = 0.

        Args:
            x: input of shape (B, T, D).

        Returns:
            all_h: the hidden states h_1 ... h_T, shape (B, T, H).
            last_h: the last hidden state h_T, shape (B, H).
        """
        self.h_list = []  # store_h_for_grad fills it with h_1 ... h_T
        # Loop over the timesteps; call self.store_h_for_grad(h) once for each new state.
        batch, seq_len, _ = x.shape
        h = torch.zeros(batch, self.hidden_size, dtype=x.dtype)
        hs = []
        for t in range(seq_len):
            h = self.nonlinearity(self.input_map(x[:, t]) + self.hidden_map(h))
            self.store_h_for_grad(h)
            hs.append(h)
        all_h = torch.cat(hs, dim=0).reshape(batch, seq_len, self.hidden_size)
        return all_h, h
