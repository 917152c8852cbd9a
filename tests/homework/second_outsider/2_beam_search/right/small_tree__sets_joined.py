thirds = ["neural", "network"]
kept_1 = "network learns".split()
kept_2 = [" ".join(kept_1), " ".join([kept_1[-1], thirds[0]])]
kept_3 = [kept_2[0] + " " + word for word in reversed(thirds)]
