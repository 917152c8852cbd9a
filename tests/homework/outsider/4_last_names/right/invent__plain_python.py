# right: plain Python floats, math.exp and itertools.accumulate instead of tensors, letters collected in a list
from itertools import accumulate


def invent(model, language, uniforms):
    """Draw a name of a language, letter by letter.

    Args:
        model: A conditional character model; a call returns (logits of shape (M,), next hidden state).
        language: The number of the language, an integer.
        uniforms: Numbers 0 <= u < 1, one for each letter that may be drawn.

    Returns:
        The name, a string, without the end symbol.
    """
    letters, token, hidden = [], model.start, None
    for u in uniforms:
        logits, hidden = model(token, language, hidden)
        z = [float(v) for v in logits]
        weights = [math.exp(v - max(z)) for v in z]
        total = sum(weights)
        token = next(i for i, c in enumerate(accumulate(v / total for v in weights)) if c > u)
        if token == model.end:
            return "".join(letters)
        letters.append(LETTERS[token])
    return "".join(letters)
