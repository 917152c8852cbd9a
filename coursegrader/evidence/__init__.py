"""How does a value leave the kernel?

The only room imported inside a student's kernel: it encodes raw values and emits them as data.
It knows no expected value and takes no decision; whatever a student does to it costs only that student.
All of it is imported at once, as a box hides the files; what belongs to pandas or matplotlib is taken from them only
where the notebook has imported them.
"""

from coursegrader.evidence.codec import DTYPES, MAX_BYTES, MAX_DEPTH, MAX_ENTRIES, encode
from coursegrader.evidence.drawing import Drawing, drawn
from coursegrader.evidence.emitting import (
    MIME,
    REFERENCE_VARIABLE,
    SEED_VARIABLE,
    Wrong,
    accuracy,
    evidence,
    mse_below,
    rng,
    tolerance,
)

__all__ = [
    "DTYPES",
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_ENTRIES",
    "MIME",
    "REFERENCE_VARIABLE",
    "SEED_VARIABLE",
    "Drawing",
    "Wrong",
    "accuracy",
    "drawn",
    "encode",
    "evidence",
    "mse_below",
    "rng",
    "tolerance",
]
