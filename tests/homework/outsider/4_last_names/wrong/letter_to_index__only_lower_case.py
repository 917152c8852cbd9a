# wrong: counts from ord("a") and lowers the letter first, so "A" gets the number of "a", and space and punctuation get numbers outside the table; use the position in LETTERS.
def letter_to_index(letter):
    """Find the position of a letter in LETTERS.

    Args:
        letter: A string of one character that occurs in LETTERS.

    Returns:
        An integer from 0 to len(LETTERS) - 1.
    """
    return ord(letter.lower()) - ord("a")
