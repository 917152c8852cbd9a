_table = dict(zip(LETTERS, range(len(LETTERS))))


def letter_to_index(letter):
    return _table[letter]
