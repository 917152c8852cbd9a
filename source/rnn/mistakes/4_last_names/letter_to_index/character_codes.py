"""You use character codes; they agree with LETTERS for small letters only.
Capitals come before small letters in that code, so their numbers become negative: use the position in LETTERS."""
# loses: test_letter_to_index, test_accuracy
# category: characters mixed up
def letter_to_index(letter):
    return ord(letter) - ord("a")
