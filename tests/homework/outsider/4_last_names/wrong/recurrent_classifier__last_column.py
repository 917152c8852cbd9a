# wrong: takes the state at the last column, after all the padding, and ignores last_pos; each name needs the state at its own last letter.
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
        layer = {"rnn": nn.RNN, "lstm": nn.LSTM}[model_type]
        setattr(self, model_type, layer(rnn_size, rnn_size, num_layers=num_layers, batch_first=True))
        self.model_type = model_type
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
        all_h, _ = getattr(self, self.model_type)(self.embedding(x))
        return self.output(self.drop(all_h[:, -1, :]))
