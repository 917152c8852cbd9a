class RecurrentClassifier(nn.Module):
    def __init__(self, vocab_size, rnn_size, n_categories, num_layers=1, dropout=0.0, model_type="lstm"):
        super(RecurrentClassifier, self).__init__()
        self.embedding = nn.Embedding(vocab_size, rnn_size)
        self.model_type = model_type
        cls = nn.LSTM if model_type == "lstm" else nn.RNN
        setattr(self, model_type, cls(rnn_size, rnn_size, num_layers=num_layers))
        self.drop = nn.Dropout(p=dropout)
        self.output = nn.Linear(rnn_size, n_categories)

    def forward(self, x, last_pos):
        emb = self.embedding(x)
        out, _ = getattr(self, self.model_type)(emb)
        last = out[torch.arange(x.size(0)), last_pos]
        return self.output(self.drop(last))
