def rnn_log_prob(model, prefix):
    sequence = [model.start]
    sequence.extend(int(t) for t in prefix)
    with torch.inference_mode():
        z = model(torch.LongTensor(sequence)[None])[0][len(sequence) - 1].double()
    return (z - torch.logsumexp(z, dim=-1)).numpy()
