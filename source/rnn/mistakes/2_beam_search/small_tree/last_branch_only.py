"""You compare only the last branches, 0.90 against 0.80 and so on, instead of the products along the whole path.

The probability of a sequence is the product of all numbers on its way.
"""
# loses: test_small_tree
# category: forgotten accumulated score
kept_1 = ["network", "learns"]
kept_2 = ["network learns", "learns neural"]
kept_3 = ["learns neural network", "network learns network"]
