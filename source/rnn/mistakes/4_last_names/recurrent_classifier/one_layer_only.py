"""Your recurrent layer always has one layer: `num_layers` is not passed on.
Look at the third argument of `nn.RNN` and `nn.LSTM`."""
# loses: test_recurrent_classifier, test_accuracy
# category: layers
class RecurrentClassifier(nn.Module):
    def __init__(self, vocab_size, rnn_size, n_categories, num_layers=1, dropout=0.0, model_type="lstm"):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, rnn_size)
        between_layers = dropout if num_layers > 1 else 0.0
        if model_type == "lstm":
            self.lstm = nn.LSTM(rnn_size, rnn_size, batch_first=True, dropout=0.0)
        else:
            self.rnn = nn.RNN(rnn_size, rnn_size, batch_first=True, dropout=0.0)
        self.model_type = model_type
        self.drop = nn.Dropout(dropout)
        self.output = nn.Linear(rnn_size, n_categories)

    def forward(self, x, last_pos):
        recurrent = self.lstm if self.model_type == "lstm" else self.rnn
        all_h, _ = recurrent(self.embedding(x))
        last_h = all_h[torch.arange(len(x), device=x.device), last_pos]
        return self.output(self.drop(last_h))
