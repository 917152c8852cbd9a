"""Asks the model again for every token, and keeps scores as torch scalars."""
import torch


def beam_search(log_prob, k, T):
    M = len(log_prob(()))
    kept, beams = {(): torch.tensor(0.0, dtype=torch.float64)}, []
    for _ in range(T):
        grown = {}
        for sequence, score in kept.items():
            for token in range(M):
                grown[(*sequence, token)] = score + torch.as_tensor(log_prob(sequence))[token]
        best = sorted(grown, key=lambda sequence: (-grown[sequence].item(), sequence))[:k]
        kept = {sequence: grown[sequence] for sequence in best}
        beams.append(list(kept.items()))
    return beams
