def letter_to_index(letter):
    # 0 is kept for the padding
    return LETTERS.find(letter) + 1
