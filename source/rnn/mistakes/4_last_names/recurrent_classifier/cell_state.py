"""Your LSTM hands its cell state on, not its hidden state.
It returns `output, (h_n, c_n)`: what goes into the next layer is h."""
# loses: test_recurrent_classifier
# category: wrong state
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
        if self.model_type == "rnn":
            all_h, _ = self.rnn(self.embedding(x))
            last_h = all_h[torch.arange(len(x), device=x.device), last_pos]
        else:
            lengths = (last_pos + 1).cpu()
            packed = nn.utils.rnn.pack_padded_sequence(self.embedding(x), lengths, batch_first=True, enforce_sorted=False)
            _, (_, last_c) = self.lstm(packed)
            last_h = last_c[-1]
        return self.output(self.drop(last_h))
