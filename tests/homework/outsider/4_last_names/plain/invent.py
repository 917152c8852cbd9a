def invent(model, language, uniforms):
    """Draw a name of a language, letter by letter.

    Args:
        model: A conditional character model; a call returns (logits of shape (M,), next hidden state).
        language: The number of the language, an integer.
        uniforms: Numbers 0 <= u < 1, one for each letter that may be drawn.

    Returns:
        The name, a string, without the end symbol.
    """
    token, hidden, name = model.start, None, ""
    for u in uniforms:
        logits, hidden = model(token, language, hidden)
        c = torch.softmax(logits, dim=-1).cumsum(dim=-1)
        token = int((c <= u).sum())
        if token == model.end:
            break
        name += LETTERS[token]
    return name
