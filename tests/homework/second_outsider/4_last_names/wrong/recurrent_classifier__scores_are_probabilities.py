class RecurrentClassifier(nn.Module):
    def __init__(self, vocab_size, rnn_size, n_categories, num_layers=1, dropout=0.0, model_type="lstm"):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, rnn_size)
        if model_type == "rnn":
            self.rnn = nn.RNN(rnn_size, rnn_size, num_layers=num_layers, batch_first=True)
        else:
            self.lstm = nn.LSTM(rnn_size, rnn_size, num_layers=num_layers, batch_first=True)
        self.drop = nn.Dropout(dropout)
        self.output = nn.Linear(rnn_size, n_categories)

    def forward(self, x, last_pos):
        x = self.embedding(x)
        if hasattr(self, "rnn"):
            h, _ = self.rnn(x)
        else:
            h, _ = self.lstm(x)
        rows = torch.arange(len(h), device=h.device)
        scores = self.output(self.drop(h[rows, last_pos]))
        return torch.softmax(scores, dim=1)
