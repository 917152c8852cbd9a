"""You return a one-hot vector, but an embedding wants one number per letter.
It looks that number up in its table, which does the same as multiplying with a one-hot vector."""
# loses: test_letter_to_index, test_accuracy
# category: type
def letter_to_index(letter):
    return [int(other == letter) for other in LETTERS]
