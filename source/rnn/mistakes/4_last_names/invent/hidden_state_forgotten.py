"""You start every step with an empty hidden state, so the model has read only one letter; hand on what it returns.
"""
# loses: test_invent
# category: state
def invent(model, language, uniforms):
    letter, hidden, name = model.start, None, ""
    for u in uniforms:
        logits, _ = model(letter, language, None)
        cumulated = torch.softmax(logits.detach().double(), 0).cumsum(0)
        letter = min(int((cumulated <= u).sum()), len(cumulated) - 1)
        if letter == model.end:
            break
        name += LETTERS[letter]
    return name
