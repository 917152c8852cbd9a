"""Your head has no bias: the b_f in W_f h_t + b_f is missing.

Look at the bias option of nn.Linear.
"""
# loses: test_regression_model
# category: missing bias


class RecurrentRegressionModel(nn.Module):
    def __init__(self, recurrent_net, output_dim=1):
        super().__init__()
        self.recurrent_net = recurrent_net
        self.output_dim = output_dim
        self.head = nn.Linear(recurrent_net.hidden_size, output_dim, bias=False)

    def forward(self, x):
        all_h, _ = self.recurrent_net(x)
        return self.head(all_h), all_h
