# wrong: forgets batch_first=True, so the layer runs over the batch as if it were time; no error is raised, the names of a batch leak into each other.
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
        self.embedding = nn.Embedding(vocab_size, rnn_size)
        self.model_type = model_type
        if model_type == "rnn":
            self.rnn = nn.RNN(rnn_size, rnn_size, num_layers)
        else:
            self.lstm = nn.LSTM(rnn_size, rnn_size, num_layers)
        self.drop = nn.Dropout(dropout)
        self.output = nn.Linear(rnn_size, n_categories)

    def forward(self, x, last_pos):
        """Compute the scores.

        Args:
            x (B,T): Letter numbers.
            last_pos (B,): Position of the last real letter of each name.

        Returns:
            scores (B,C)
        """
        e = self.embedding(x)
        all_h, _ = self.rnn(e) if self.model_type == "rnn" else self.lstm(e)
        h = all_h[torch.arange(x.shape[0]), last_pos]
        return self.output(self.drop(h))
