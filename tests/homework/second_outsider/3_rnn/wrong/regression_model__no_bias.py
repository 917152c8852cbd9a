class RecurrentRegressionModel(nn.Module):
    def __init__(self, recurrent_net, output_dim=1):
        super().__init__()
        self.recurrent_net = recurrent_net
        self.output_dim = output_dim
        self.W_f = nn.Linear(recurrent_net.hidden_size, output_dim, bias=False)

    def forward(self, x):
        all_h, _ = self.recurrent_net(x)
        return self.W_f(all_h), all_h
