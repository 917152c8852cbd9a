def misleading_table(best, found, M):
    first = np.zeros(M)
    first[best[0]] = 1/3
    first[found[0]] = 1/3
    other = [i for i in range(M) if i not in (best[0], found[0])][0]
    first[other] = 1/3
    following = np.full((M, M), 1/M)
    following[best[0]] = 0
    following[best[0], best[1]] = 1
    following[found[0]] = 0.4/(M-1)
    following[found[0], found[1]] = 0.6
    return first, following
