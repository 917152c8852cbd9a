"""Plain Python: a running sum that stops when it exceeds u."""
def invent(model, language, uniforms):
    letter, hidden, letters = model.start, None, []
    with torch.no_grad():
        for u in map(float, uniforms):
            logits, hidden = model(letter, language, hidden)
            running = 0.0
            for letter, p in enumerate(logits.double().softmax(dim=0).tolist()):
                running += p
                if running > u:
                    break
            if letter == model.end:
                break
            letters.append(letter)
    return "".join(LETTERS[i] for i in letters)
