# wrong: calls the model with hidden=None at every step and throws the new state away, so it sees one letter only; hand the state on from step to step.
def invent(model, language, uniforms):
    """Draw a name of a language, letter by letter.

    Args:
        model: A conditional character model; a call returns (logits of shape (M,), next hidden state).
        language: The number of the language, an integer.
        uniforms: Numbers 0 <= u < 1, one for each letter that may be drawn.

    Returns:
        The name, a string, without the end symbol.
    """
    name = ""
    letter = model.start
    for u in uniforms:
        logits, _ = model(letter, language, None)
        p = torch.softmax(logits, dim=0)
        c = torch.cumsum(p, dim=0)
        letter = int((c <= u).sum())
        if letter == model.end:
            break
        name += LETTERS[letter]
    return name
