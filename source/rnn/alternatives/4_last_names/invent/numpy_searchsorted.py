"""NumPy: probabilities by hand, searchsorted from the right."""
import numpy as np


def invent(model, language, uniforms):
    token, state, tokens = model.start, None, []
    for u in uniforms:
        logits, state = model(token, language, state)
        z = logits.detach().numpy().astype(float)
        p = np.exp(z - z.max())
        token = int(np.searchsorted(np.cumsum(p) / p.sum(), u, side="right"))
        if token == model.end:
            return "".join(tokens)
        tokens.append(LETTERS[token])
    return "".join(tokens)
