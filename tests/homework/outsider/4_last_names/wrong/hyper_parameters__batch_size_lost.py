# wrong: replaces the whole dictionary and leaves out batch_size (and dropout), so building and training raise a KeyError; change single values, or keep all six.
hyper_parameters = {
    "model_type": "rnn",  # "rnn" or "lstm"
    "rnn_size": 32,
    "num_layers": 1,
    "dropout": 0.0,
    "learning_rate": 1e-4,
    "batch_size": 64,
}
# Change the values above, or set some of them anew here.
hyper_parameters = {
    "model_type": "lstm",
    "rnn_size": 128,
    "num_layers": 2,
    "learning_rate": 0.003,
}
