"""h_0 by torch.zeros, states taken from a list of its own."""


class RNNLayer(nn.Module):
    def __init__(self, input_size, hidden_size, nonlinearity=torch.tanh):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.nonlinearity = nonlinearity
        self.h_list = []
        self.W_x = nn.Linear(input_size, hidden_size, bias=False)
        self.W_h = nn.Linear(hidden_size, hidden_size)

    def store_h_for_grad(self, h):
        if h.requires_grad:
            h.retain_grad()
        self.h_list.append(h)

    def forward(self, x):
        self.h_list = []
        batch_size, seq_len, _ = x.shape
        h = torch.zeros(batch_size, self.hidden_size)
        outputs = []
        for t in range(seq_len):
            h = self.nonlinearity(self.W_h(h) + self.W_x(x[:, t, :]))
            self.store_h_for_grad(h)
            outputs.append(h.unsqueeze(1))
        all_h = torch.cat(outputs, dim=1)
        return all_h, all_h[:, -1, :]
