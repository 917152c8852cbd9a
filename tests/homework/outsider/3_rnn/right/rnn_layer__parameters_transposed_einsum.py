# right: bare parameters (D, H) and (H, H) for products from the right, einsum for all inputs at once before the loop; recurrent_matrix__parameters_transposed_einsum belongs to it
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
        scale = 1.0 / hidden_size**0.5
        self.U = nn.Parameter(torch.empty(input_size, hidden_size).uniform_(-scale, scale))
        self.V = nn.Parameter(torch.empty(hidden_size, hidden_size).uniform_(-scale, scale))
        self.bias = nn.Parameter(torch.zeros(hidden_size))

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
        B, T, D = x.shape
        assert D == self.input_size, f"expected {self.input_size} features, got {D}"
        driven = torch.einsum("btd,dh->tbh", x, self.U) + self.bias
        states = [torch.zeros_like(driven[0])]
        for t in range(T):
            new = self.nonlinearity(driven[t] + torch.einsum("bi,ij->bj", states[-1], self.V))
            self.store_h_for_grad(new)
            states.append(new)
        return torch.stack(states[1:]).transpose(0, 1), states[-1]
