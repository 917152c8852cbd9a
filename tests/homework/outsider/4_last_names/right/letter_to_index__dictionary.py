# right: a dictionary made once outside of the function
POSITION = {character: number for number, character in enumerate(LETTERS)}


def letter_to_index(letter):
    """Find the position of a letter in LETTERS.

    Args:
        letter: A string of one character that occurs in LETTERS.

    Returns:
        An integer from 0 to len(LETTERS) - 1.
    """
    return POSITION[letter]
