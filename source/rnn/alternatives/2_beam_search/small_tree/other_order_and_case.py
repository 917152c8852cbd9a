"""The same sequences in another order, with capitals and extra spaces."""
kept_1 = ("learns", "network")
kept_2 = ("learns  neural", "network learns")
kept_3 = (" learns neural network", "network learns neural ")
