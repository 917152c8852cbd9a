"""Your head always has one output, whatever output_dim says.

Pass output_dim on to the linear map.
"""
# loses: test_regression_model
# category: size fixed


class RecurrentRegressionModel(nn.Module):
    def __init__(self, recurrent_net, output_dim=1):
        super().__init__()
        self.recurrent_net = recurrent_net
        self.output_dim = output_dim
        self.head = nn.Linear(recurrent_net.hidden_size, 1)

    def forward(self, x):
        all_h, _ = self.recurrent_net(x)
        return self.head(all_h), all_h
