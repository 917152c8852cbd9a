"""Head by einsum, with the matrix stored as (O, H)."""


class RecurrentRegressionModel(nn.Module):
    def __init__(self, recurrent_net, output_dim=1):
        super().__init__()
        self.recurrent_net = recurrent_net
        self.output_dim = output_dim
        self.P = nn.Parameter(torch.randn(output_dim, recurrent_net.hidden_size) / recurrent_net.hidden_size**0.5)
        self.q = nn.Parameter(torch.zeros(output_dim))

    def forward(self, x):
        all_h, *rest = self.recurrent_net(x)
        return torch.einsum("bth,oh->bto", all_h, self.P) + self.q, all_h
