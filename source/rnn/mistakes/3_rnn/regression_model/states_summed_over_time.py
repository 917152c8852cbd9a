"""You apply the head to a sum over the timesteps so far, not to the hidden state of each timestep.

y_t depends on h_t alone; the net itself has already summed up the past.
"""
# loses: test_regression_model
# category: no recurrence


class RecurrentRegressionModel(nn.Module):
    def __init__(self, recurrent_net, output_dim=1):
        super().__init__()
        self.recurrent_net = recurrent_net
        self.output_dim = output_dim
        self.head = nn.Linear(recurrent_net.hidden_size, output_dim)

    def forward(self, x):
        all_h, _ = self.recurrent_net(x)
        return self.head(all_h.cumsum(dim=1)), all_h
