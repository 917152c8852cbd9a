"""You leave out the start symbol: the model was trained on sequences that begin with it, and for an empty prefix there is nothing else to read."""
# loses: test_rnn_log_prob
# category: start symbol
import torch


def rnn_log_prob(model, prefix):
    tokens = list(prefix) or [model.start]
    with torch.no_grad():
        logits = model(torch.tensor([tokens]))
    return torch.log_softmax(logits[0, -1], dim=-1)
