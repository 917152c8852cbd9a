"""The hidden states that you return are detached: a loss that looks at them teaches the net nothing.

Return all_h as it is.
"""
# loses: test_regression_model
# category: gradient cut


class RecurrentRegressionModel(nn.Module):

    def __init__(self, recurrent_net, output_dim=1):
        super().__init__()
        self.recurrent_net = recurrent_net
        self.output_dim = output_dim
        self.head = nn.Linear(recurrent_net.hidden_size, output_dim)

    def forward(self, x):
        all_h, _ = self.recurrent_net(x)
        return self.head(all_h), all_h.detach()
