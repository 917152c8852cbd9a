# Set kept_1, kept_2 and kept_3 to lists of two strings each.
# For example, kept_2 = ["learns learns", "neural learns"] has the right form (and the wrong sequences).
kept_1 = ["network", "learns"]
kept_2 = ["network learns", "learns neural"]
kept_3 = ["network learns neural", "network learns network"]
