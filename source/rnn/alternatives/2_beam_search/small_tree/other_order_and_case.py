"""The same sequences as tuples, in another order and with extra spaces."""
kept_1 = ("learns", "network")
kept_2 = ("learns  neural", "network learns")
kept_3 = (" network learns network", "network learns neural ")
