"""torch: logits of -inf for what is not kept, softmax, cumsum."""
import torch


def sample(log_prob, T, temperature, top_k, uniforms):
    tokens = []
    for u in uniforms:
        z = torch.as_tensor(log_prob(tuple(tokens)), dtype=torch.float64)
        if temperature == 0:
            top, scale = 1, 1.0
        else:
            top, scale = top_k or len(z), temperature
        order = torch.argsort(z, descending=True, stable=True)
        mask = torch.full_like(z, -torch.inf)
        mask[order[:top]] = 0
        c = torch.softmax(z / scale + mask, dim=0).cumsum(0)
        tokens.append(int((c <= u).sum()))
    return tuple(min(token, len(z) - 1) for token in tokens)
