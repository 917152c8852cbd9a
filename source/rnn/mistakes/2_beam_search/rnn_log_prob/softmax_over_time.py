"""You normalise over the timesteps instead of over the tokens: look at the axis of your softmax.

At each position the probabilities of the M tokens should add up to 1.
"""
# loses: test_rnn_log_prob
# category: wrong axis
import torch


def rnn_log_prob(model, prefix):
    with torch.no_grad():
        logits = model(torch.tensor([[model.start, *prefix]]))
    return torch.log_softmax(logits, dim=1)[0, -1]
