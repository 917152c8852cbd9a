"""Packed sequences, unpacked again, then indexed."""
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
        packed = nn.utils.rnn.pack_padded_sequence(
            self.embedding(x), last_pos.cpu() + 1, batch_first=True, enforce_sorted=False
        )
        all_h, lengths = nn.utils.rnn.pad_packed_sequence(recurrent(packed)[0], batch_first=True)
        return self.output(self.drop(all_h[range(len(all_h)), lengths - 1]))
