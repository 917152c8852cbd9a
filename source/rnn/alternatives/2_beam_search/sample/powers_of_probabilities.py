"""Probabilities to the power 1/temperature, the recursion over timesteps."""
import numpy as np


def sample(log_prob, T, temperature, top_k, uniforms):
    def go(prefix):
        if len(prefix) == T:
            return prefix
        p = np.exp(np.asarray(log_prob(prefix), dtype=float))
        if temperature == 0:
            return go((*prefix, int(p.argmax())))
        if top_k is not None:
            kept = np.argsort(-p, kind="stable")[:top_k]
            p = np.where(np.isin(np.arange(len(p)), kept), p, 0)
        p = (p / p.max()) ** (1 / temperature)
        c = np.cumsum(p / p.sum())
        return go((*prefix, int(np.argmax(c > uniforms[len(prefix)]))))

    return go(())
