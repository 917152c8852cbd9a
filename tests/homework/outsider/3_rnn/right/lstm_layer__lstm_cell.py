# right: nn.LSTMCell, which has two biases that are added; a comment in Spanish
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
        self.cell = nn.LSTMCell(input_size, hidden_size)

    def forward(self, x):
        """Run over the whole sequence.

        Args:
            x: input of shape (B, T, D).

        Returns:
            all_h: the hidden states h_1 ... h_T, shape (B, T, H).
            (last_h, last_c): the last hidden state h_T and the last cell state c_T, each of shape (B, H).
        """
        # el estado inicial es cero: LSTMCell lo crea si no se le da ninguno
        estado, salidas = None, []
        for t in range(x.shape[1]):
            estado = self.cell(x[:, t], estado)
            salidas.append(estado[0])
        return torch.stack(salidas, dim=1), estado
