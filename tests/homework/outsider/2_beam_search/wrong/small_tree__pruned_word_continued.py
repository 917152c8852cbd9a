# wrong: at timestep 2 takes the best two of all nine pairs, although "neural" was dropped at timestep 1 and has no continuations any more; only kept sequences are extended.
# Set kept_1, kept_2 and kept_3 to lists of two strings each.
# For example, kept_2 = ["learns learns", "neural learns"] has the right form (and the wrong sequences).
kept_1 = ["network", "learns"]
kept_2 = ["network learns", "neural network"]
kept_3 = ["neural network learns", "network learns neural"]
