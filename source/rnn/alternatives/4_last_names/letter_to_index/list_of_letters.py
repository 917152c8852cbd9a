"""The method `index` of a list, through a lambda with prints left in."""
alphabet = list(LETTERS)
print("number of letters:", len(alphabet))
letter_to_index = lambda letter: alphabet.index(letter)
