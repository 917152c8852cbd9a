filter_b = [3, -1, 2]
