"""Raw head parameters stored as (H, O), under names that say nothing."""


class RecurrentRegressionModel(nn.Module):
    def __init__(self, recurrent_net, output_dim=1):
        super().__init__()
        self.recurrent_net = recurrent_net
        self.output_dim = output_dim
        self.P = nn.Parameter(torch.randn(recurrent_net.hidden_size, output_dim) / recurrent_net.hidden_size**0.5)
        self.q = nn.Parameter(torch.zeros(output_dim))

    def forward(self, x):
        all_h = self.recurrent_net(x)[0]
        return all_h @ self.P + self.q, all_h
