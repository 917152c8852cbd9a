"""You detach the hidden states before the head, so no gradient ever reaches the recurrent net.

The values are right, but only the head would learn: pass all_h on as it is.
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
        return self.head(all_h.detach()), all_h
