class LSTMLayer(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.wf = nn.Linear(input_size + hidden_size, hidden_size)
        self.wi = nn.Linear(input_size + hidden_size, hidden_size)
        self.wo = nn.Linear(input_size + hidden_size, hidden_size)
        self.wg = nn.Linear(input_size + hidden_size, hidden_size)

    def forward(self, x):
        h = torch.zeros(x.size(0), self.hidden_size).to(x)
        c = torch.zeros(x.size(0), self.hidden_size).to(x)
        out = []
        for t in range(x.size(1)):
            z = torch.cat((x[:, t, :], h), 1)
            f = torch.sigmoid(self.wf(z))
            i = torch.sigmoid(self.wi(z))
            o = torch.sigmoid(self.wo(z))
            g = torch.sigmoid(self.wg(z))
            c = f * c + i * g
            h = o * torch.tanh(c)
            out.append(h)
        return torch.stack(out, dim=1), (h, c)
