"""You count the capitals first.
LETTERS begins with the small letters; look at what `string.ascii_letters` contains, or simply search LETTERS itself."""
# loses: test_letter_to_index, test_accuracy
# category: characters mixed up
import string


def letter_to_index(letter):
    return (string.ascii_uppercase + string.ascii_lowercase + " .,;'").index(letter)
