"""Packed sequences: the layer stops at the last real letter by itself, and h_n of the top layer is the answer."""
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
        embedded = self.embedding(x)
        packed = nn.utils.rnn.pack_padded_sequence(embedded, (last_pos + 1).cpu(), batch_first=True, enforce_sorted=False)
        if self.model_type == "lstm":
            _, (h_n, _) = self.lstm(packed)
        else:
            _, h_n = self.rnn(packed)
        return self.output(self.drop(h_n[-1]))
