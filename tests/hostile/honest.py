"""Students who want nothing but to be graded."""

from hostile.case import Case

HONEST = [
    Case("first and right"),
    Case("blank", blank=True, student="blank"),
    Case(
        "half done",
        student="half-done",
        blank=True,
        answers={"scale": "def scale(x, factor):\n    return factor * x", "best": "best = 41.5"},
        loses={"test_scale": 4.0, "test_best": 1.0},
    ),
    Case(
        "wrong by a little",
        student="mistaken",
        answers={"scale": "def scale(x, factor):\n    return x * factor + 0.01"},
        loses={"test_scale": "wrong"},
    ),
    Case(
        "wrong shape",
        student="shapeless",
        answers={"scale": "def scale(x, factor):\n    return (x * factor).T"},
        loses={"test_scale": "wrong"},
    ),
    Case(
        "right and talkative",
        student="talkative",
        answers={
            "scale": "import sys, warnings\ndef scale(x, factor):\n    print('scaling', file=sys.stderr)\n"
            "    warnings.warn('careful')\n    return x * factor",
            "last": "from tqdm.auto import tqdm\ndef last(x):\n    for y in tqdm(x):\n        pass\n    return y",
        },
    ),
    Case(
        "numpy instead of torch",
        student="numpy",
        answers={"scale": "def scale(x, factor):\n    return torch.from_numpy(x.numpy() * np.float32(factor))"},
    ),
    Case(
        "right although names were taken",
        student="careless",
        extra="from math import *\nfrom torch import *\nsum = len = range = 0\nnp = evidence = rng = 'mine'\nimport os\n"
        "os.chdir('..')\ntorch.set_default_dtype(torch.float64)\ntorch.set_grad_enabled(False)",
    ),
    Case("zora is the last", student="zora"),
]
