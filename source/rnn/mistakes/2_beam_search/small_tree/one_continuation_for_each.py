"""At timestep 3 your two sequences are not the two with the largest products.

Compare the products along the whole paths, not the last branches alone and not sums, and do so for all six continuations at
once: both places may go to continuations of one beginning.
"""
# loses: test_small_tree
# category: paths compared in another way
kept_1 = ["network", "learns"]
kept_2 = ["network learns", "learns neural"]
kept_3 = ["network learns neural", "learns neural network"]
