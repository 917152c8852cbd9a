class RecurrentRegressionModel(nn.Module):
    def __init__(self, recurrent_net, output_dim=1):
        super().__init__()
        self.recurrent_net = recurrent_net
        self.output_dim = output_dim
        self.fc = nn.Linear(self.recurrent_net.hidden_size, output_dim)

    def forward(self, x):
        all_h, last_h = self.recurrent_net(x)
        out = torch.tanh(self.fc(all_h))
        return out, all_h
