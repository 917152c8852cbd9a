"""You return the hidden states first and the predictions second.

forward returns (out, all_h), in this order.
"""
# loses: test_regression_model
# category: order of results


class RecurrentRegressionModel(nn.Module):
    def __init__(self, recurrent_net, output_dim=1):
        super().__init__()
        self.recurrent_net = recurrent_net
        self.output_dim = output_dim
        self.head = nn.Linear(recurrent_net.hidden_size, output_dim)

    def forward(self, x):
        all_h, _ = self.recurrent_net(x)
        return all_h, self.head(all_h)
