"""A one-hot mask over time and an einsum."""
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
        mask = F.one_hot(last_pos, num_classes=x.shape[1]).to(all_h.dtype)
        last_h = torch.einsum("bt,bth->bh", mask, all_h)
        return self.output(self.drop(last_h))
