def letter_to_index(letter):
    if letter.isalpha():
        return ord(letter.lower()) - ord("a")
    return LETTERS.index(letter)
