# right: no NumPy at all but lists, math.exp and a while loop for the cumulated sum, with a helper function below
def sample(log_prob, T, temperature, top_k, uniforms):
    """Draw a sequence of T tokens from a model.

    Args:
        log_prob: A function of a tuple of tokens that returns the log-probabilities of the next token, shape (M,).
        T: How many tokens to draw, an integer >= 1.
        temperature: A number >= 0; 0 takes the most likely token every time.
        top_k: How many of the most likely tokens may be drawn, an integer >= 1, or None for all.
        uniforms: T numbers, 0 <= u < 1, an array of shape (T,).

    Returns:
        The sequence, a tuple of T integers.
    """
    drawn = []
    while len(drawn) < T:
        logs = [float(v) for v in log_prob(tuple(drawn))]
        drawn.append(_draw(logs, temperature, top_k, float(uniforms[len(drawn)])))
    return tuple(drawn)


def _draw(logs, temperature, top_k, u):
    ranked = sorted(range(len(logs)), key=lambda i: (-logs[i], i))
    if not temperature:
        return ranked[0]
    allowed = ranked if top_k is None else ranked[:top_k]
    weight = {i: math.exp((logs[i] - logs[ranked[0]]) / temperature) for i in allowed}
    total = sum(weight.values())
    i, cumulated = 0, weight.get(0, 0.0)
    while not cumulated / total > u and i < len(logs) - 1:
        i += 1
        cumulated += weight.get(i, 0.0)
    return i
