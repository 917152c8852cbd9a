"""Your first two entries fit, the third does not: check the sign with which the middle entry enters the last equation."""
# loses: test_filter_b
# category: arithmetic
filter_b = [2, -1, 13 / 3]
