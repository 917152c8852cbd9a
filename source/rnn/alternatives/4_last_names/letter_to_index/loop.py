"""A loop that counts along."""
def letter_to_index(letter):
    for index, candidate in enumerate(LETTERS):
        if candidate == letter:
            return index
    raise ValueError(f"{letter!r} is not in LETTERS")
