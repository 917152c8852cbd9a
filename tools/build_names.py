"""Build the surnames of notebook 4 from the lists of the library Faker, byte for byte the same every time.

::

    pip install -e ".[data]"
    python tools/build_names.py                 # writes into source/rnn
    python tools/build_names.py --to some/folder

Written are ``data/names/<Language>.txt`` (released to students), ``data/names/README.md`` (their provenance),
``hidden/surnames.txt`` (what the model is graded on) and ``truth/origins.txt`` (the answers, one a line, same order).
Which name is hidden is decided by a hash of the name, so it changes neither with the order of Faker's lists
nor with Python's random numbers.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import re
from collections import Counter
from importlib.metadata import distribution
from pathlib import Path

from anyascii import anyascii

FAKER, ANYASCII = "40.54.0", "0.3.3"  # other versions have other names
LONGEST = 19
MOST_PER_LANGUAGE = 1600
HIDDEN_SHARE = 0.12

# Which of Faker's person providers speaks for a language. Left out, because their names are mostly shared with a
# language that is in: Czech, Danish, Norwegian, Portuguese, Macedonian, Slovene; because a character model
# cannot tell them from a neighbour well enough for the band of the question: Croatian and Estonian, Dutch and French
# (from English and German), Italian (from Spanish); because their script gives poor Latin letters: Hebrew, Tamil, Thai.
LANGUAGES: dict[str, list[tuple[str, str]]] = {
    "Akan": [("tw_GH", "last_names")],
    "Arabic": [("fr_DZ", "last_names")],
    "Armenian": [("hy_AM", "last_names")],
    "Azerbaijani": [("az_AZ", "last_names")],
    "Chinese": [("zh_CN", "last_names"), ("zh_TW", "last_names")],
    "English": [("en_GB", "last_names"), ("en_NZ", "last_names")],
    "Finnish": [("fi_FI", "last_names")],
    "Georgian": [("ka_GE", "last_names")],
    "German": [("de_DE", "last_names"), ("de_AT", "last_names"), ("de_CH", "last_names")],
    "Greek": [("el_GR", "last_names_male"), ("el_GR", "last_names_female")],
    "Icelandic": [("is_IS", "last_names_without_suffix")],
    "Irish": [("ga_IE", "last_names")],
    "Polish": [("pl_PL", "unisex_last_names"), ("pl_PL", "male_last_names")],
    "Russian": [("ru_RU", "last_names_male"), ("ru_RU", "last_names_female")],
    "Slovak": [("sk_SK", "last_names_male"), ("sk_SK", "last_names_female")],
    "Spanish": [("es_ES", "last_names"), ("es_MX", "last_names")],
    "Swedish": [("sv_SE", "last_names")],
    "Ukrainian": [("uk_UA", "last_names_male"), ("uk_UA", "last_names_female")],
    "Zulu": [("zu_ZA", "last_names")],
}

# Where the usual Latin spelling of a language differs from letter-by-letter transliteration.
SPELLINGS: dict[str, list[tuple[str, str]]] = {
    "Armenian": [("ու", "u"), ("Ու", "U")],
    "Greek": [("ου", "ou"), ("ού", "ou"), ("Ου", "Ou"), ("γγ", "ng"), ("γχ", "nch"), ("γξ", "nx")],  # noqa: RUF001
    # characters that are read differently as a surname
    "Chinese": [
        ("曾", "Zeng"),
        ("单", "Shan"),
        ("解", "Xie"),
        ("仇", "Qiu"),
        ("查", "Zha"),
        ("区", "Ou"),
        ("朴", "Piao"),
    ],
}
NOT_A_SURNAME = {"Koch II", "Dussen van", "auch Schlauchin", "Grein Groth", "Jacobi Jäckel", "EvropovKirilov"}


def faker_names(language: str) -> set[str]:
    """Return Faker's surnames of one language as they stand there, in their own script."""
    names: set[str] = set()
    for locale, attribute in LANGUAGES[language]:
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        names.update(getattr(provider, attribute))
    if language == "Icelandic":  # patronymics: a stem is used with one of its two endings, so that no pair is split
        return {stem + ("son" if _hash("ending", stem)[0] in "01234567" else "dóttir") for stem in names}
    return names - NOT_A_SURNAME


def latin(language: str, name: str) -> str | None:
    """Return the name in the 26 letters, spaces and apostrophes, or None if that is impossible or longer than 19."""
    for theirs, ours in SPELLINGS.get(language, []):
        name = name.replace(theirs, ours)
    spelled = anyascii(name)
    if re.search(r"[^\u0000-\u024f\u1e00-\u1eff]", name):  # another script: its apostrophes are no part of the spelling
        spelled = re.sub(r"['`]", "", spelled)
    if language == "Chinese":
        spelled = spelled.lower()
    spelled = " ".join(spelled.split())
    spelled = spelled[:1].upper() + spelled[1:]
    return spelled if re.fullmatch(rf"[A-Z][A-Za-z ']{{1,{LONGEST - 1}}}", spelled) else None


def collect() -> dict[str, list[str]]:
    """Return per language its distinct names that no other language has, in the order of their hash."""
    spelled = {
        language: {ours for name in faker_names(language) if (ours := latin(language, name))} for language in LANGUAGES
    }
    languages_of = Counter(name for names in spelled.values() for name in names)
    return {
        language: sorted((n for n in names if languages_of[n] == 1), key=lambda n: _hash(language, n))[
            :MOST_PER_LANGUAGE
        ]
        for language, names in spelled.items()
    }


def build(target: Path) -> dict[str, tuple[int, int]]:
    """Write the released names, the hidden names and their origins; return (released, hidden) by language."""
    for package, version in (("Faker", FAKER), ("anyascii", ANYASCII)):
        if (found := distribution(package).version) != version:
            raise SystemExit(f"{package} {version} is needed, {found} is installed: pip install {package}=={version}")
    names_folder = target / "data" / "names"
    names_folder.mkdir(parents=True, exist_ok=True)
    counts: dict[str, tuple[int, int]] = {}
    hidden: list[tuple[str, str]] = []
    for language, names in collect().items():
        kept_back = round(HIDDEN_SHARE * len(names))
        hidden += [(name, language) for name in names[:kept_back]]
        _write(names_folder / f"{language}.txt", sorted(names[kept_back:]))
        counts[language] = (len(names) - kept_back, kept_back)
    hidden.sort(key=lambda pair: _hash("order", pair[0]))
    _write(target / "hidden" / "surnames.txt", [name for name, _ in hidden])
    _write(target / "truth" / "origins.txt", [language for _, language in hidden])
    _write(names_folder / "README.md", [provenance(counts)])
    return counts


def provenance(counts: dict[str, tuple[int, int]]) -> str:
    """Return the README that stands beside the released names: their origin and licence, but no recipe for the hidden ones."""
    released = {language: count for language, (count, _) in counts.items()}
    total = sum(released.values())
    rows = "\n".join(f"| {language} | {count} |" for language, count in released.items())
    licence = next(file for file in distribution("Faker").files or [] if file.name.startswith("LICENSE"))
    return f"""\
# Surnames by language

{total:,} distinct surnames of {len(released)} languages, one file `<Language>.txt` each: UTF-8, one name a line, sorted.
No name stands under two languages, no language has more than 12 % of the names, and the longest name has {LONGEST} characters.

| language | names |
|---|---|
{rows}

## Where they come from

The surnames are a selection of those that the Python library Faker uses to invent people (MIT licence, below).
Names in another script, and letters with marks, were put into plain Latin letters.
Names that occur in several of the languages were left out, and so were spellings with other characters than letters, spaces and apostrophes.
Icelandic names are patronymics: a father's name with *-son* or *-dottir*.
Armenian, Chinese, Georgian, Greek, Russian and Ukrainian names can be spelled in Latin letters in more than one way; here each has one.

What these lists are not: a census.
They were collected by volunteers, they are of uneven length and quality, and `Arabic` holds Algerian names in their French spelling.
A label says which list a name stands in; it says nothing about any person who bears the name.

## Licence of Faker

{Path(str(licence.locate())).read_text(encoding="utf-8").strip()}"""


def _hash(*parts: str) -> str:
    return hashlib.sha256("/".join(parts).encode()).hexdigest()


def _write(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def main() -> None:
    """Build the names and print how many there are."""
    parser = argparse.ArgumentParser(description="Build the surnames of notebook 4 from the lists of Faker.")
    parser.add_argument(
        "--to", type=Path, default=Path("source/rnn"), help="folder to write into (default: source/rnn)"
    )
    counts = build(parser.parse_args().to)
    for language, (released, hidden) in counts.items():
        print(f"{language:12} {released:5} released {hidden:4} hidden")
    released, hidden = (sum(column) for column in zip(*counts.values(), strict=True))
    print(f"{'together':12} {released:5} released {hidden:4} hidden")


if __name__ == "__main__":
    main()
