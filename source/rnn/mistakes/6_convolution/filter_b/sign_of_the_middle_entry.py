"""The middle entry of your filter has the wrong sign.

Put your filter into the first equation, which uses the first two entries only, and see whether it comes out.
"""
# loses: test_filter_b
# category: arithmetic
filter_b = [2, 1, 3]
