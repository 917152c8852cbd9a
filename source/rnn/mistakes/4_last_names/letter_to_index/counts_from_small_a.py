"""You count from the code of "a", and a capital letter gets the number of the small one; other characters fall outside the table.

Every one of the 57 characters in LETTERS needs a number of its own: its position there.
"""
# loses: test_letter_to_index, test_accuracy
# category: characters mixed up


def letter_to_index(letter):
    return ord(letter.lower()) - 97
