"""You build a new recurrent net inside the model in place of the one you are given.

Keep and call the argument recurrent_net; whoever passes it wants that one trained.
"""
# loses: test_regression_model
# category: argument ignored


class RecurrentRegressionModel(nn.Module):
    def __init__(self, recurrent_net, output_dim=1):
        super().__init__()
        self.output_dim = output_dim
        self.recurrent_net = RNNLayer(recurrent_net.input_size, recurrent_net.hidden_size)
        self.head = nn.Linear(recurrent_net.hidden_size, output_dim)

    def forward(self, x):
        all_h, _ = self.recurrent_net(x)
        return self.head(all_h), all_h
