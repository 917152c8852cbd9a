"""Plain Python: a running sum that stops when it exceeds u."""
import math


def sample(log_prob, T, temperature, top_k, uniforms):
    out = []
    for t in range(T):
        values = [float(v) for v in log_prob(tuple(out))]
        best = sorted(range(len(values)), key=lambda i: (-values[i], i))
        if temperature == 0:
            out.append(best[0])
            continue
        allowed = set(best if top_k is None else best[:top_k])
        weights = [math.exp((v - values[best[0]]) / temperature) if i in allowed else 0.0 for i, v in enumerate(values)]
        target, running = float(uniforms[t]) * sum(weights), 0.0
        for i, weight in enumerate(weights):
            running += weight
            if running > target:
                break
        out.append(i)
    return tuple(out)
