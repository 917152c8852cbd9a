"""You keep the best continuation of *each* kept sequence.

At every timestep all six continuations compete for two places, and both places may go to continuations of one beginning.
"""
# loses: test_small_tree
# category: beams kept apart
kept_1 = ["neural", "network"]
kept_2 = ["neural network", "network learns"]
kept_3 = ["neural network learns", "network learns neural"]
