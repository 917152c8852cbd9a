"""You put a nonlinearity on the prediction, which confines it to (-1, 1).

The head is linear: W_f h_t + b_f and nothing else.
"""
# loses: test_regression_model
# category: nonlinearity


class RecurrentRegressionModel(nn.Module):
    def __init__(self, recurrent_net, output_dim=1):
        super().__init__()
        self.recurrent_net = recurrent_net
        self.output_dim = output_dim
        self.head = nn.Linear(recurrent_net.hidden_size, output_dim)

    def forward(self, x):
        all_h, _ = self.recurrent_net(x)
        return torch.tanh(self.head(all_h)), all_h
