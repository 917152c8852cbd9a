class RecurrentClassifier(nn.Module):
    def __init__(self, vocab_size, rnn_size, n_categories, num_layers=1, dropout=0.0, model_type="lstm"):
        super().__init__()
        self.model_type = model_type
        self.embedding = nn.Embedding(vocab_size, rnn_size)
        if model_type == "lstm":
            self.lstm = nn.LSTM(rnn_size, rnn_size, num_layers, batch_first=True)
        else:
            self.rnn = nn.RNN(rnn_size, rnn_size, num_layers, batch_first=True)
        self.drop = nn.Dropout(dropout)
        self.output = nn.Linear(rnn_size, n_categories)

    def forward(self, x, last_pos):
        e = self.embedding(x)
        net = self.lstm if self.model_type == "lstm" else self.rnn
        out, _ = net(e)
        return self.output(self.drop(out[:, -1, :]))
