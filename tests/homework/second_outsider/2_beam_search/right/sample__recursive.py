def sample(log_prob, T, temperature, top_k, uniforms, done=()):
    if len(done) == T:
        return done
    lp = [float(v) for v in log_prob(done)]
    ranked = sorted(range(len(lp)), key=lambda i: (-lp[i], i))
    if temperature == 0:
        return sample(log_prob, T, temperature, top_k, uniforms, done + (ranked[0],))
    allowed = set(ranked[:top_k])
    weight = [math.exp((v - lp[ranked[0]]) / temperature) if i in allowed else 0.0 for i, v in enumerate(lp)]
    goal, total = uniforms[len(done)] * sum(weight), 0.0
    for i, v in enumerate(weight):
        total += v
        if total > goal:
            break
    return sample(log_prob, T, temperature, top_k, uniforms, done + (i,))
