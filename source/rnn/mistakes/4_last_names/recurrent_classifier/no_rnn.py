"""Your model has no part called `rnn` where `model_type` is "rnn".
Either you build an LSTM whatever `model_type` says, or the RNN has another name; the names of the parts are part of the question."""
# loses: test_recurrent_classifier, test_accuracy
# category: model type
class RecurrentClassifier(nn.Module):
    def __init__(self, vocab_size, rnn_size, n_categories, num_layers=1, dropout=0.0, model_type="lstm"):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, rnn_size)
        between_layers = dropout if num_layers > 1 else 0.0
        self.lstm = nn.LSTM(rnn_size, rnn_size, num_layers, batch_first=True, dropout=between_layers)
        self.model_type = model_type
        self.drop = nn.Dropout(dropout)
        self.output = nn.Linear(rnn_size, n_categories)

    def forward(self, x, last_pos):
        recurrent = self.lstm
        all_h, _ = recurrent(self.embedding(x))
        last_h = all_h[torch.arange(len(x), device=x.device), last_pos]
        return self.output(self.drop(last_h))
