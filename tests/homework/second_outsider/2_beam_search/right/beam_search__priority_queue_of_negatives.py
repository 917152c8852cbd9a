def beam_search(log_prob, k, T):
    import heapq
    history, frontier = [], {(): 0.0}
    while len(history) < T:
        queue = [(-(score + float(lp)), seq + (tok,)) for seq, score in frontier.items() for tok, lp in enumerate(log_prob(seq))]
        best = heapq.nsmallest(k, queue)
        frontier = {seq: -cost for cost, seq in best}
        history.append(list(frontier.items()))
    return history
