"""You keep the recurrent net in a list, where nn.Module does not see it: its parameters are never trained.

Assign it to an attribute directly.
"""
# loses: test_regression_model
# category: parameters not registered


class RecurrentRegressionModel(nn.Module):
    def __init__(self, recurrent_net, output_dim=1):
        super().__init__()
        self.output_dim = output_dim
        self.nets = [recurrent_net]
        self.head = nn.Linear(recurrent_net.hidden_size, output_dim)

    def forward(self, x):
        all_h, _ = self.nets[0](x)
        return self.head(all_h), all_h
