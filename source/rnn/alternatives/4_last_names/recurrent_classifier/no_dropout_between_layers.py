"""Dropout before the linear layer only, a table of layer types, prints inside `forward`."""
class RecurrentClassifier(nn.Module):
    def __init__(self, vocab_size, rnn_size, n_categories, num_layers=1, dropout=0.0, model_type="lstm"):
        super(RecurrentClassifier, self).__init__()
        self.output = nn.Linear(in_features=rnn_size, out_features=n_categories)
        self.drop = nn.Dropout(p=dropout)
        self.kind = model_type
        setattr(self, model_type, {"rnn": nn.RNN, "lstm": nn.LSTM}[model_type](
            input_size=rnn_size, hidden_size=rnn_size, num_layers=num_layers, batch_first=True))
        self.embedding = nn.Embedding(num_embeddings=vocab_size, embedding_dim=rnn_size)

    def forward(self, x, last_pos):
        print("x", x.shape)
        all_h, _ = getattr(self, self.kind)(self.embedding(x))
        rows = torch.arange(all_h.size(0)).to(x.device)
        return self.output(self.drop(all_h[rows, last_pos.long()]))
