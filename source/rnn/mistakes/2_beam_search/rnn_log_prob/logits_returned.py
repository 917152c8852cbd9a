"""You return the logits of the model as they are; they are not logarithms of probabilities yet.

Normalise them, so that their exponentials add up to 1.
"""
# loses: test_rnn_log_prob
# category: normalisation
import torch


def rnn_log_prob(model, prefix):
    with torch.no_grad():
        return model(torch.tensor([[model.start, *prefix]]))[0, -1]
