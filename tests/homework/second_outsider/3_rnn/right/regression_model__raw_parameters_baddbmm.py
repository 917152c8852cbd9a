class RecurrentRegressionModel(nn.Module):
    def __init__(self, recurrent_net, output_dim=1):
        super().__init__()
        self.recurrent_net = recurrent_net
        self.output_dim = output_dim
        H = recurrent_net.hidden_size
        self.readout = nn.ParameterDict({
            "A": nn.Parameter(torch.randn(H, output_dim) / H ** 0.5),
            "c": nn.Parameter(torch.zeros(output_dim)),
        })

    def forward(self, x):
        all_h = self.recurrent_net(x)[0]
        return torch.tensordot(all_h, self.readout["A"], dims=1) + self.readout["c"], all_h
