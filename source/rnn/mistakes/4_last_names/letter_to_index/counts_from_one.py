"""You count the letters from 1, but the rows of an embedding are counted from 0.
The last character gets a number for which the table has no row; look at which number `a` should have."""
# loses: test_letter_to_index, test_accuracy
# category: off by one
def letter_to_index(letter):
    return LETTERS.index(letter) + 1
