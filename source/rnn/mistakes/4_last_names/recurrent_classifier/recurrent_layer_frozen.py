"""Your recurrent layer is frozen (its requires_grad is False): it would keep the numbers it starts with, and only the letters
and the last layer would be learned. Leave requires_grad alone."""
# loses: test_recurrent_classifier
# category: gradient
class RecurrentClassifier(nn.Module):
    def __init__(self, vocab_size, rnn_size, n_categories, num_layers=1, dropout=0.0, model_type="lstm"):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, rnn_size)
        between_layers = dropout if num_layers > 1 else 0.0
        if model_type == "lstm":
            self.lstm = nn.LSTM(rnn_size, rnn_size, num_layers, batch_first=True, dropout=between_layers)
        else:
            self.rnn = nn.RNN(rnn_size, rnn_size, num_layers, batch_first=True, dropout=between_layers)
        getattr(self, model_type).requires_grad_(False)
        self.model_type = model_type
        self.drop = nn.Dropout(dropout)
        self.output = nn.Linear(rnn_size, n_categories)

    def forward(self, x, last_pos):
        recurrent = self.lstm if self.model_type == "lstm" else self.rnn
        all_h, _ = recurrent(self.embedding(x))
        last_h = all_h[torch.arange(len(x), device=x.device), last_pos]
        return self.output(self.drop(last_h))
