def invent(model, language, uniforms):
    name = ""
    letter = model.start
    for u in uniforms:
        logits, hidden = model(letter, language, None)
        p = torch.softmax(logits, dim=-1)
        c = torch.cumsum(p, dim=0)
        letter = int((c <= u).sum())
        if letter == model.end:
            break
        name += LETTERS[letter]
    return name
