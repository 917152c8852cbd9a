"""You feed the start symbol at every step instead of the letter that was just drawn.
"""
# loses: test_invent
# category: wrong input
def invent(model, language, uniforms):
    letter, hidden, name = model.start, None, ""
    for u in uniforms:
        logits, hidden = model(model.start, language, hidden)
        cumulated = torch.softmax(logits.detach().double(), 0).cumsum(0)
        letter = min(int((cumulated <= u).sum()), len(cumulated) - 1)
        if letter == model.end:
            break
        name += LETTERS[letter]
    return name
