def invent(model, language, uniforms):
    hidden, name = None, ""
    for u in uniforms:
        logits, hidden = model(model.start, language, hidden)
        probs = logits.softmax(0).tolist()
        total = 0
        for i, p in enumerate(probs):
            total += p
            if total > u:
                break
        if i == model.end:
            return name
        name = name + LETTERS[i]
    return name
