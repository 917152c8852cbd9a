hyper_parameters = {
    "model_type": "rnn",  # "rnn" or "lstm"
    "rnn_size": 32,
    "num_layers": 1,
    "dropout": 0.0,
    "learning_rate": 1e-4,
    "batch_size": 64,
}
# Change the values above, or set some of them anew here.
hyper_parameters["model_type"] = "lstm"
hyper_parameters["rnn_size"] = 128
hyper_parameters["dropout"] = 0.3
hyper_parameters["learning_rate"] = 3e-3
hyper_parameters["batch_size"] = 128
