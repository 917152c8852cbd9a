def beam_search(log_prob, k, T):
    # start with the k best first words, afterwards continue each one with its best word
    first = log_prob(())
    order = sorted(range(len(first)), key=lambda i: (-first[i], i))[:k]
    kept = [((i,), float(first[i])) for i in order]
    beams = [kept]
    for _ in range(T - 1):
        new = []
        for seq, score in kept:
            lp = np.asarray(log_prob(seq))
            best = int(lp.argmax())
            new.append((seq + (best,), score + float(lp[best])))
        kept = sorted(new, key=lambda p: (-p[1], p[0]))
        beams.append(kept)
    return beams
