# wrong: ends with a softmax although cross_entropy takes plain scores and applies one itself; it learns, but slowly, and the scores are not those asked for.
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
        self.model_type = model_type
        self.embedding = nn.Embedding(vocab_size, rnn_size)
        if model_type == "lstm":
            self.lstm = nn.LSTM(rnn_size, rnn_size, num_layers, batch_first=True)
        else:
            self.rnn = nn.RNN(rnn_size, rnn_size, num_layers, batch_first=True)
        self.drop = nn.Dropout(p=dropout)
        self.output = nn.Linear(rnn_size, n_categories)

    def forward(self, x, last_pos):
        """Compute the scores.

        Args:
            x (B,T): Letter numbers.
            last_pos (B,): Position of the last real letter of each name.

        Returns:
            scores (B,C)
        """
        x = self.embedding(x)
        if self.model_type == "lstm":
            out, _ = self.lstm(x)
        else:
            out, _ = self.rnn(x)
        out = out[range(len(out)), last_pos]
        out = self.output(self.drop(out))
        return F.softmax(out, dim=1)
