# right: dict.update in one call, below the starter settings
hyper_parameters = {
    "model_type": "rnn",  # "rnn" or "lstm"
    "rnn_size": 32,
    "num_layers": 1,
    "dropout": 0.0,
    "learning_rate": 1e-4,
    "batch_size": 64,
}
# Change the values above, or set some of them anew here.
hyper_parameters.update(model_type="lstm", rnn_size=160, num_layers=1, dropout=0.4, learning_rate=2e-3, batch_size=64)
