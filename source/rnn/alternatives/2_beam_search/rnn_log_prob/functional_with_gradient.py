"""torch.nn.functional.log_softmax over the whole batch, gradient and all."""
import torch
import torch.nn.functional as F


def rnn_log_prob(model, prefix):
    tokens = torch.full((1, len(prefix) + 1), model.start, dtype=torch.long)
    for i, token in enumerate(prefix):
        tokens[0, i + 1] = token
    return F.log_softmax(model(tokens), dim=-1)[:, -1].squeeze(0)
