"""You found the filter of the *flipped* convolution: its entries are in reverse order.

In this course the first entry of the filter meets the first entry of the window.
"""
# loses: test_filter_b
# category: flipped filter
filter_b = [3, -1, 2]
