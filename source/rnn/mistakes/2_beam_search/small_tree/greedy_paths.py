"""From timestep 2 on you follow only the most likely beginning, with its two best continuations.

Both kept sequences are extended, and all six results compete for two places; compare their products.
"""
# loses: test_small_tree
# category: beams not expanded
kept_1 = ["network", "learns"]
kept_2 = ["network learns", "network neural"]
kept_3 = ["network learns neural", "network learns network"]
