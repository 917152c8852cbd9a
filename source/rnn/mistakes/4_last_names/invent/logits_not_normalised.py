"""You cumulate the logits themselves; they are no probabilities before the softmax.
"""
# loses: test_invent
# category: softmax
def invent(model, language, uniforms):
    letter, hidden, name = model.start, None, ""
    for u in uniforms:
        logits, hidden = model(letter, language, hidden)
        cumulated = logits.detach().double().cumsum(0)
        letter = min(int((cumulated <= u).sum()), len(cumulated) - 1)
        if letter == model.end:
            break
        name += LETTERS[letter]
    return name
