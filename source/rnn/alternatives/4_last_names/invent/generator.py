"""A generator of tokens, cut off at the end symbol."""
from itertools import takewhile


def invent(model, language, uniforms):
    def tokens(token=None, hidden=None):
        token = model.start
        for u in uniforms:
            logits, hidden = model(token, language, hidden)
            token = (logits.detach().double().softmax(0).cumsum(0) > u).nonzero()[0].item()
            yield token

    return "".join(LETTERS[token] for token in takewhile(lambda token: token != model.end, tokens()))
