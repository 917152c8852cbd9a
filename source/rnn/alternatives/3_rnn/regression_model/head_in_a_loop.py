"""Applies the head timestep by timestep."""


class RecurrentRegressionModel(nn.Module):
    def __init__(self, recurrent_net, output_dim=1):
        super().__init__()
        self.recurrent_net = recurrent_net
        self.output_dim = output_dim
        self.final = nn.Linear(recurrent_net.hidden_size, output_dim)

    def forward(self, x):
        all_h, last_h = self.recurrent_net(x)
        out = [self.final(all_h[:, t]) for t in range(all_h.size(1))]
        return torch.stack(out, dim=1), all_h
