"""Your model runs a recurrent net of its own, a copy or a new one, and not the one that it was given.

Store recurrent_net itself, and call it in forward.
"""
# loses: test_regression_model
# category: wrong net
import copy


class RecurrentRegressionModel(nn.Module):
    def __init__(self, recurrent_net, output_dim=1):
        super().__init__()
        self.output_dim = output_dim
        self.recurrent_net = copy.deepcopy(recurrent_net)
        self.head = nn.Linear(recurrent_net.hidden_size, output_dim)

    def forward(self, x):
        all_h, _ = self.recurrent_net(x)
        return self.head(all_h), all_h
