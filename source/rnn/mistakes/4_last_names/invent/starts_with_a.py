"""You feed the letter a first; a name begins after the start symbol, model.start.
"""
# loses: test_invent
# category: start
def invent(model, language, uniforms):
    letter, hidden, name = 0, None, ""
    for u in uniforms:
        logits, hidden = model(letter, language, hidden)
        cumulated = torch.softmax(logits.detach().double(), 0).cumsum(0)
        letter = min(int((cumulated <= u).sum()), len(cumulated) - 1)
        if letter == model.end:
            break
        name += LETTERS[letter]
    return name
