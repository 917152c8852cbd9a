# right: pack_padded_sequence, and the last hidden state h_n of the top layer instead of picking from all_h
class RecurrentClassifier(nn.Module):
    """Score the languages a name may come from.

    Args:
        vocab_size: Number of different letters.
        rnn_size: Size H of the embedding and of the hidden state.
        n_categories: Number C of languages.
        num_layers: Number of recurrent layers on top of each other.
        dropout: Probability of dropping a number before the last layer, in training.
        model_type: "rnn" or "lstm".
    """

    def __init__(self, vocab_size, rnn_size, n_categories, num_layers=1, dropout=0.0, model_type="lstm"):
        super().__init__()
        if model_type not in {"rnn", "lstm"}:
            raise ValueError(model_type)
        self.embedding = nn.Embedding(vocab_size, rnn_size)
        between = dropout if num_layers > 1 else 0.0
        kind = nn.LSTM if model_type == "lstm" else nn.RNN
        self.add_module(model_type, kind(rnn_size, rnn_size, num_layers, batch_first=True, dropout=between))
        self.drop = nn.Dropout(dropout)
        self.output = nn.Linear(rnn_size, n_categories)
        self.is_lstm = model_type == "lstm"

    def forward(self, x, last_pos):
        """Compute the scores.

        Args:
            x (B,T): Letter numbers.
            last_pos (B,): Position of the last real letter of each name.

        Returns:
            scores (B,C)
        """
        lengths = (last_pos + 1).cpu()
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(x), lengths, batch_first=True, enforce_sorted=False)
        if self.is_lstm:
            _, (h_n, _) = self.lstm(packed)
        else:
            _, h_n = self.rnn(packed)
        return self.output(self.drop(h_n[-1]))
