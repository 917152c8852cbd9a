class RecurrentClassifier(nn.Module):
    def __init__(self, vocab_size, rnn_size, n_categories, num_layers=1, dropout=0.0, model_type="lstm"):
        super().__init__()
        self.kind = model_type
        self.embedding = nn.Embedding(vocab_size, rnn_size)
        if model_type == "rnn":
            self.rnn = nn.RNN(rnn_size, rnn_size, num_layers, batch_first=True)
        elif model_type == "lstm":
            self.lstm = nn.LSTM(rnn_size, rnn_size, num_layers, batch_first=True)
        self.drop = nn.Dropout(dropout)
        self.output = nn.Linear(rnn_size, n_categories)

    def forward(self, x, last_pos):
        h = self.embedding(x)
        h = self.rnn(h)[0] if self.kind == "rnn" else self.lstm(h)[0]
        idx = last_pos.view(-1, 1, 1).expand(-1, 1, h.size(2))
        h = h.gather(1, idx).squeeze(1)
        return self.drop(self.output(h))
