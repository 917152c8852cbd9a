# wrong: an ImportError, torch.nn.functional has no logsoftmax; it is called log_softmax.
from torch.nn.functional import logsoftmax


def rnn_log_prob(model, prefix):
    """Compute the log-probabilities of the token after a prefix.

    Args:
        model: A language model; model(tokens) maps integers (B, T) to logits (B, T, M).
        prefix: The tokens so far without the start symbol, a tuple of integers, possibly empty.

    Returns:
        The log-probabilities of the next token, a tensor or an array of shape (M,).
    """
    with torch.no_grad():
        logits = model(torch.tensor([[model.start, *prefix]]))
    return logsoftmax(logits[0, -1], dim=0)
