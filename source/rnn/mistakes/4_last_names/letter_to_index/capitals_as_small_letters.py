"""You give a capital letter the number of the small one, and punctuation a negative number.
Every one of the 57 characters in LETTERS needs a number of its own."""
# loses: test_letter_to_index, test_accuracy
# category: characters mixed up
import string


def letter_to_index(letter):
    return string.ascii_lowercase.find(letter.lower())
