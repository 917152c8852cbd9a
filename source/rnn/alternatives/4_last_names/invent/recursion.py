"""A recursion over what is left of the uniform numbers."""
def invent(model, language, uniforms):
    def rest(token, state, left):
        if len(left) == 0:
            return ""
        logits, state = model(token, language, state)
        sums = torch.cumsum(torch.exp(torch.log_softmax(logits.detach().double(), -1)), -1)
        token = int(torch.searchsorted(sums, float(left[0]), right=True))
        return "" if token == model.end else LETTERS[token] + rest(token, state, left[1:])

    return rest(model.start, None, uniforms)
