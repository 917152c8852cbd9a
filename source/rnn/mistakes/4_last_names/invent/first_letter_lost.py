"""The first letter is missing from your names: it is drawn and fed, but not written down.
"""
# loses: test_invent
# category: form
def invent(model, language, uniforms):
    letter, hidden, name = model.start, None, ""
    for u in uniforms:
        logits, hidden = model(letter, language, hidden)
        cumulated = torch.softmax(logits.detach().double(), 0).cumsum(0)
        letter = min(int((cumulated <= u).sum()), len(cumulated) - 1)
        if letter == model.end:
            break
        name += LETTERS[letter]
    return name[1:]
