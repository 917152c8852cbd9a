"""All your gates share one linear map, so they always open and close together.

Each gate has weights of its own.
"""
# loses: test_lstm_layer
# category: number of parameters


class LSTMLayer(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.gate = nn.Linear(input_size + hidden_size, hidden_size)

    def forward(self, x):
        h = c = x.new_zeros(x.shape[0], self.hidden_size)
        states = []
        for x_t in x.unbind(dim=1):
            z = self.gate(torch.cat([x_t, h], dim=-1))
            c = torch.sigmoid(z) * c + torch.sigmoid(z) * torch.tanh(z)
            h = torch.sigmoid(z) * torch.tanh(c)
            states.append(h)
        return torch.stack(states, dim=1), (h, c)
