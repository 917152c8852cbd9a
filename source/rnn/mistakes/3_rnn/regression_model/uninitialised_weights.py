"""The weights of your head start as whatever happens to be in memory: torch.empty reserves numbers, it does not set them.

Give them a start; nn.Linear has one of its own.
"""
# loses: test_regression_model
# category: initialisation


class RecurrentRegressionModel(nn.Module):

    def __init__(self, recurrent_net, output_dim=1):
        super().__init__()
        self.recurrent_net = recurrent_net
        self.output_dim = output_dim
        self.head = nn.Linear(recurrent_net.hidden_size, output_dim)
        self.head.weight = nn.Parameter(torch.empty(output_dim, recurrent_net.hidden_size))

    def forward(self, x):
        all_h, _ = self.recurrent_net(x)
        return self.head(all_h), all_h
