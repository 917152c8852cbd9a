def rnn_log_prob(model, prefix):
    tokens = torch.tensor([list(prefix) + [model.start]])
    with torch.no_grad():
        logits = model(tokens)
    return torch.log_softmax(logits[0, -1], dim=-1)
