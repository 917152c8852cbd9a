"""The log-softmax written out in NumPy, with the maximum taken out first."""
import numpy as np
import torch


def rnn_log_prob(model, prefix):
    tokens = torch.tensor([model.start] + list(prefix)).unsqueeze(0)
    z = model(tokens)[0, -1, :].detach().numpy()
    z = z - z.max()
    return z - np.log(np.sum(np.exp(z)))
