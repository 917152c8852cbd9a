def rnn_log_prob(model, prefix):
    tokens = torch.tensor([[model.start, *prefix]])
    logits = model(tokens)
    probs = F.softmax(logits, dim=1) if "F" in globals() else nn.functional.softmax(logits, dim=1)
    return torch.log(probs)[0, -1].detach()
