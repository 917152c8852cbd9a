"""You return probabilities where log-probabilities are asked for: the logarithm is missing after the softmax."""
# loses: test_rnn_log_prob
# category: logarithm
import torch


def rnn_log_prob(model, prefix):
    with torch.no_grad():
        return model(torch.tensor([[model.start, *prefix]]))[0, -1].softmax(dim=-1)
