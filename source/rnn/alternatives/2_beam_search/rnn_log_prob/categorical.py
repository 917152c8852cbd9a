"""torch.distributions.Categorical normalises its logits."""
import torch


def rnn_log_prob(model, prefix):
    model.eval()
    with torch.inference_mode():
        logits = model(torch.LongTensor([[model.start, *prefix]]))[0][-1]
        return torch.distributions.Categorical(logits=logits).logits
