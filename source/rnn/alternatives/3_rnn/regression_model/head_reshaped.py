"""Flattens batch and time before the head and restores the shape after it."""


class RecurrentRegressionModel(nn.Module):
    def __init__(self, recurrent_net, output_dim=1):
        super().__init__()
        self.recurrent_net = recurrent_net
        self.output_dim = output_dim
        self.fc = nn.Linear(recurrent_net.hidden_size, output_dim)

    def forward(self, x):
        all_h, _ = self.recurrent_net(x)
        B, T, H = all_h.shape
        return self.fc(all_h.reshape(B * T, H)).view(B, T, self.output_dim), all_h
