"""Arithmetic with character codes, case by case."""
def letter_to_index(letter):
    if "a" <= letter <= "z":
        return ord(letter) - ord("a")
    if "A" <= letter <= "Z":
        return 26 + ord(letter) - ord("A")
    return 52 + " .,;'".index(letter)
