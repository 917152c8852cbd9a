# at each step extend only the best one
kept_1 = ["network", "learns"]
kept_2 = ["network learns", "network neural"]
kept_3 = ["network learns neural", "network learns network"]
