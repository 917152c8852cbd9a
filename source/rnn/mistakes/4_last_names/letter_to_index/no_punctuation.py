"""You number the 52 letters, but the characters after them all get -1.
`find` returns -1 where it finds nothing; search in LETTERS, which has the space and the punctuation, too."""
# loses: test_letter_to_index, test_accuracy
# category: characters mixed up
import string


def letter_to_index(letter):
    return string.ascii_letters.find(letter)
