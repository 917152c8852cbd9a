"""What gives a secret away: half a sentence does, everybody's code does not."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from coursegrader.authoring.leaks import TELLING, TELLING_WHOLE, leaked, regions, secrets_of, squeeze
from coursegrader.course.markers import DEFAULT

SENTENCE = "The gradient shrinks by the largest singular value of the recurrent matrix at every step back in time."
WHERE = "a secret region of 1_numbers, q"


class OneNotebook:
    """As much of a notebook as secrets_of reads."""

    name = "1_numbers"
    markers = DEFAULT

    def __init__(self, cell) -> None:
        cell.id = "q"
        cell.metadata["nbgrader"] = {"solution": True, "grade": True, "grade_id": "q", "points": 1, "schema_version": 3}
        self.source = new_notebook(cells=[cell])


def scheme(text: str, visible: str = "Say why.") -> dict[str, str]:
    cell = new_markdown_cell(f"{visible}\n\n### BEGIN MARK SCHEME\n{text}\n### END MARK SCHEME")
    return secrets_of([OneNotebook(cell)])


def solution(text: str, visible: str = "def f(x):") -> dict[str, str]:
    return secrets_of([OneNotebook(new_code_cell(f"{visible}\n### BEGIN SOLUTION\n{text}\n### END SOLUTION"))])


@pytest.mark.parametrize("words", [slice(0, 9), slice(3, 12), slice(9, 18)])
def test_half_a_sentence_of_a_mark_scheme_is_found(words: slice) -> None:
    assert set(leaked("Think: " + " ".join(SENTENCE.split()[words]), scheme(SENTENCE))) == {WHERE}


def test_a_sentence_in_another_alphabet_is_found() -> None:
    text = "Градиент исчезает, потому что наибольшее сингулярное число меньше единицы."
    assert set(leaked(text[10:60], scheme(text))) == {WHERE}


def test_a_few_words_of_a_mark_scheme_are_everybodys() -> None:
    assert leaked("The gradient shrinks at every step.", scheme(SENTENCE)) == {}


def test_what_the_same_cell_shows_anyway_is_no_secret() -> None:
    assert leaked(SENTENCE, scheme(SENTENCE, visible=SENTENCE)) == {}


def test_a_line_of_code_is_found_however_it_is_wrapped() -> None:
    secrets = solution("    return sum(left * right for left, right in zip(x, weights))")
    assert leaked("return sum(\n  left * right\n  for left, right in zip(x, weights)\n)", secrets)
    assert not leaked("return sum(left * right for left in x)", secrets)


def test_short_lines_tell_only_together() -> None:
    secrets = solution("    total = x + x\n    shift = total - 3\n    return shift * total")
    assert not leaked("total = x + x", secrets)
    assert leaked("total = x + x\nshift = total - 3\nreturn shift * total", secrets)


def test_a_short_region_is_found_whole() -> None:
    assert leaked("x = 3\nreturn x * 1735 + 42\n", solution("    return x * 1735 + 42"))


def test_the_shortest_secret_is_found_at_either_end() -> None:
    secrets = solution("    return 123456")
    assert set(map(len, secrets)) == {TELLING_WHOLE}
    for text in ("return 123456", "return 123456, and more", "more, and return 123456"):
        assert leaked(text, secrets)


def test_every_secret_in_a_text_is_found_and_each_place_once() -> None:
    here, there = "here" * 10, "there" * 10
    secrets = {here: "one", there: "another", here[1:]: "one"}
    assert leaked(f"{there} between {here} {here}", secrets) == {"one": here, "another": there}


def test_either_end_of_a_sentence_is_found() -> None:
    letters, secrets = squeeze(SENTENCE), scheme(SENTENCE)
    for end in (letters[:TELLING], letters[-TELLING:]):
        assert leaked(end, secrets)
        assert not leaked(end[1:], secrets)


def test_the_text_without_a_secret_has_none() -> None:
    assert leaked("", scheme(SENTENCE)) == {}
    assert leaked(SENTENCE, {}) == {}


def test_regions_are_parted_from_what_surrounds_them() -> None:
    assert regions("a\n### BEGIN SOLUTION\nb\n### END SOLUTION\nc") == ([["b"]], ["a", "c"])


def test_squeezing_keeps_letters_and_digits_of_every_alphabet() -> None:
    assert squeeze("a_b-1\\n 'ü' 递归\n") == "ab1ü递归"
