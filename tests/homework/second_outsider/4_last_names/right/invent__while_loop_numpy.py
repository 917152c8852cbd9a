def invent(model, language, uniforms):
    letters, token, hidden, step = [], model.start, None, 0
    while step < len(uniforms):
        logits, hidden = model(token, language, hidden)
        z = np.asarray(torch.as_tensor(logits).detach().double())
        w = np.exp(z - z.max())
        token = int(np.searchsorted(np.cumsum(w / w.sum()), float(uniforms[step]), side="right"))
        token = min(token, len(w) - 1)
        if token == model.end:
            break
        letters.append(token)
        step += 1
    return "".join(LETTERS[i] for i in letters)
