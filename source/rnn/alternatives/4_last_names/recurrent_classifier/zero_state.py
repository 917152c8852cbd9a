"""Zero states handed in by hand, and both attributes always there, one of them None."""
class RecurrentClassifier(nn.Module):
    def __init__(self, vocab_size, rnn_size, n_categories, num_layers=1, dropout=0.0, model_type="lstm"):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, rnn_size)
        between_layers = dropout if num_layers > 1 else 0.0
        if model_type == "lstm":
            self.rnn, self.lstm = None, nn.LSTM(rnn_size, rnn_size, num_layers, batch_first=True, dropout=between_layers)
        else:
            self.lstm, self.rnn = None, nn.RNN(rnn_size, rnn_size, num_layers, batch_first=True, dropout=between_layers)
        self.model_type = model_type
        self.drop = nn.Dropout(dropout)
        self.output = nn.Linear(rnn_size, n_categories)
        self.num_layers, self.rnn_size = num_layers, rnn_size

    def forward(self, x, last_pos):
        embedded = self.embedding(x)
        h_0 = embedded.new_zeros(self.num_layers, len(x), self.rnn_size)
        if self.lstm is not None:
            all_h, _ = self.lstm(embedded, (h_0, torch.zeros_like(h_0)))
        else:
            all_h, _ = self.rnn(embedded, h_0)
        last_h = all_h[torch.arange(len(x), device=x.device), last_pos]
        return self.output(self.drop(last_h))
