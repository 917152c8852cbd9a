"""Your stamps stand side by side, as with stride 2.

With stride 1 the stamp of the next pixel starts one column (or row) further, so stamps of a 2 x 2 filter overlap.
"""
# loses: test_upsampled
# category: stride
upsampled = [[-1, 1, 2, -2], [0, -1, 0, 2], [3, -3, 1, -1], [0, 3, 0, 1]]
