"""Joined from lists of words."""

kept_1 = [" ".join([word]) for word in ["network", "learns"]]
kept_2 = [" ".join(words) for words in [["network", "learns"], ["learns", "neural"]]]
kept_3 = [f"{kept_2[0]} {word}" for word in ["neural", "network"]]
