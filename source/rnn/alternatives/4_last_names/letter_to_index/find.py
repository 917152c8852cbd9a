"""The method `find` of strings."""
def letter_to_index(letter):
    return LETTERS.find(letter)
