"""You read the model's output at the first position, which has seen the start symbol only.

The prediction that knows the whole prefix stands at the last position.
"""
# loses: test_rnn_log_prob
# category: wrong position
import torch


def rnn_log_prob(model, prefix):
    with torch.no_grad():
        logits = model(torch.tensor([[model.start, *prefix]]))
    return torch.log_softmax(logits[0, 0], dim=-1)
