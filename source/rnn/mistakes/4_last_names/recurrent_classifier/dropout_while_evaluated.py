"""Your model still drops units in eval mode, so it gives another answer every time.
`F.dropout` does not know about `eval()` unless it is told; `self.drop`, an `nn.Dropout`, does."""
# loses: test_recurrent_classifier
# category: dropout
class RecurrentClassifier(nn.Module):
    def __init__(self, vocab_size, rnn_size, n_categories, num_layers=1, dropout=0.0, model_type="lstm"):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, rnn_size)
        between_layers = dropout if num_layers > 1 else 0.0
        if model_type == "lstm":
            self.lstm = nn.LSTM(rnn_size, rnn_size, num_layers, batch_first=True, dropout=between_layers)
        else:
            self.rnn = nn.RNN(rnn_size, rnn_size, num_layers, batch_first=True, dropout=between_layers)
        self.model_type = model_type
        self.drop = nn.Dropout(dropout)
        self.output = nn.Linear(rnn_size, n_categories)

    def forward(self, x, last_pos):
        recurrent = self.lstm if self.model_type == "lstm" else self.rnn
        all_h, _ = recurrent(self.embedding(x))
        last_h = all_h[torch.arange(len(x), device=x.device), last_pos]
        return self.output(F.dropout(last_h, self.drop.p))
