"""Your model freezes the recurrent net that it was given (requires_grad is False), so only the head would learn.

Leave requires_grad alone.
"""
# loses: test_regression_model
# category: frozen parameters


class RecurrentRegressionModel(nn.Module):

    def __init__(self, recurrent_net, output_dim=1):
        super().__init__()
        self.recurrent_net = recurrent_net
        self.output_dim = output_dim
        self.head = nn.Linear(recurrent_net.hidden_size, output_dim)
        self.recurrent_net.requires_grad_(False)

    def forward(self, x):
        all_h, _ = self.recurrent_net(x)
        return self.head(all_h), all_h
