"""You take the most likely letter every time, so the uniform numbers make no difference and there is one name per language.
"""
# loses: test_invent
# category: greedy
def invent(model, language, uniforms):
    letter, hidden, name = model.start, None, ""
    for u in uniforms:
        logits, hidden = model(letter, language, hidden)
        cumulated = torch.softmax(logits.detach().double(), 0).cumsum(0)
        letter = int(logits.argmax())
        if letter == model.end:
            break
        name += LETTERS[letter]
    return name
