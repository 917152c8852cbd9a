"""Your head works for 3 hidden units only.

The net knows its number of hidden units: use recurrent_net.hidden_size.
"""
# loses: test_regression_model
# category: size fixed


class RecurrentRegressionModel(nn.Module):
    def __init__(self, recurrent_net, output_dim=1):
        super().__init__()
        self.recurrent_net = recurrent_net
        self.output_dim = output_dim
        self.head = nn.Linear(3, output_dim)

    def forward(self, x):
        all_h, _ = self.recurrent_net(x)
        return self.head(all_h), all_h
