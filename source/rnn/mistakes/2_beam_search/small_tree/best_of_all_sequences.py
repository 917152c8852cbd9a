"""You list the most likely sequences of every length, as if nothing had been dropped before.

Beam search can extend only what it kept: a word that was dropped at timestep 1 cannot begin a sequence later.
"""
# loses: test_small_tree
# category: exhaustive search
kept_1 = ["network", "learns"]
kept_2 = ["network learns", "neural network"]
kept_3 = ["neural network learns", "network learns neural"]
