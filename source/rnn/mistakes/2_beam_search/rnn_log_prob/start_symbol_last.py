"""The start symbol comes *before* the tokens: it is what the model reads first, not what it reads last."""
# loses: test_rnn_log_prob
# category: start symbol
import torch


def rnn_log_prob(model, prefix):
    with torch.no_grad():
        logits = model(torch.tensor([[*prefix, model.start]]))
    return logits[0, -1].log_softmax(dim=-1)
