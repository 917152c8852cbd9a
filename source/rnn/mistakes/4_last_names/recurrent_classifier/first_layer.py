"""You take the state of the first layer.
With several layers the answer is at the top: look at how `h_n` is ordered in the documentation."""
# loses: test_recurrent_classifier, test_accuracy
# category: layers
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
        lengths = (last_pos + 1).cpu()
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(x), lengths, batch_first=True, enforce_sorted=False)
        _, last = recurrent(packed)
        last_h = last[0] if self.model_type == "lstm" else last
        return self.output(self.drop(last_h[0]))
