"""A dictionary made once, outside the function."""
INDEX_OF = {letter: index for index, letter in enumerate(LETTERS)}


def letter_to_index(letter):
    return INDEX_OF[letter]
