# wrong: h_t is o_t times c_t here, the tanh of the cell state is missing; look at the last line of the formulas again.
class LSTMLayer(nn.Module):
    """A layer of LSTM cells, starting from h_0 = 0 and c_0 = 0.

    Args:
        input_size: D, the number of input features at one timestep.
        hidden_size: H, the number of hidden units, and of cells.
    """

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.input_map = nn.Linear(input_size, 4 * hidden_size)
        self.hidden_map = nn.Linear(hidden_size, 4 * hidden_size, bias=False)

    def forward(self, x):
        """Run over the whole sequence.

        Args:
            x: input of shape (B, T, D).

        Returns:
            all_h: the hidden states h_1 ... h_T, shape (B, T, H).
            (last_h, last_c): the last hidden state h_T and the last cell state c_T, each of shape (B, H).
        """
        B = x.shape[0]
        h = torch.zeros(B, self.hidden_size, dtype=x.dtype, device=x.device)
        c = torch.zeros(B, self.hidden_size, dtype=x.dtype, device=x.device)
        all_h = []
        for t in range(x.shape[1]):
            f, i, o, g = torch.chunk(self.input_map(x[:, t]) + self.hidden_map(h), 4, dim=1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * c
            all_h.append(h)
        return torch.stack(all_h, dim=1), (h, c)
