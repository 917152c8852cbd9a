def misleading_table(best, found, M):
    third = next(i for i in range(M) if i not in {best[0], found[0]})
    first = np.full(M, 0.0)
    first[found[0]], first[third], first[best[0]] = 0.38, 0.34, 0.28
    following = np.zeros((M, M))
    for row in range(M):
        if row == best[0]:
            following[row, best[1]] = 1.0
        elif row == found[0]:
            following[row] = 0.4 / (M - 1)
            following[row, found[1]] = 0.6
        else:
            following[row] = 1 / M
    return first, following
