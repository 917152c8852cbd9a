"""A stack is one layer below a smaller stack."""


class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bottom = RNNLayer(input_size, hidden_size)
        self.above = RNN(hidden_size, hidden_size, num_layers - 1) if num_layers > 1 else None

    def forward(self, x):
        all_h, last_h = self.bottom(x)
        if self.above is None:
            return all_h, last_h[None]
        top_h, last_step = self.above(all_h)
        return top_h, torch.vstack([last_h[None], last_step])
