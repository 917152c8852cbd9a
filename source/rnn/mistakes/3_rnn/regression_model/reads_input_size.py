"""Your model reads recurrent_net.input_size, which not every net has.

All that you may rely on is hidden_size and that the net returns all_h first.
"""
# loses: test_regression_model
# category: interface


class RecurrentRegressionModel(nn.Module):

    def __init__(self, recurrent_net, output_dim=1):
        super().__init__()
        self.recurrent_net = recurrent_net
        self.output_dim = output_dim
        self.input_size = recurrent_net.input_size
        self.head = nn.Linear(recurrent_net.hidden_size, output_dim)

    def forward(self, x):
        all_h, _ = self.recurrent_net(x)
        return self.head(all_h), all_h
