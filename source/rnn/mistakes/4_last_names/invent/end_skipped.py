"""You go on after the end symbol has been drawn; the name ends there.
"""
# loses: test_invent
# category: end
def invent(model, language, uniforms):
    letter, hidden, name = model.start, None, ""
    for u in uniforms:
        logits, hidden = model(letter, language, hidden)
        cumulated = torch.softmax(logits.detach().double(), 0).cumsum(0)
        letter = min(int((cumulated <= u).sum()), len(cumulated) - 1)
        if letter == model.end:
            continue
        name += LETTERS[letter]
    return name
