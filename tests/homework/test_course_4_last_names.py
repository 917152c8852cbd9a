"""Does notebook 4 ask what it should, does its hidden evidence tell right from wrong, and is its band fair?"""

import io
import json
import shutil
import zipfile
from functools import partial
from itertools import combinations
from pathlib import Path

import course_harness
import nbformat
import pytest
import torch
from course_harness import (
    CONSTANTS,
    ROOT,
    SEEDS,
    SOURCE,
    Answer,
    assert_alternative,
    assert_bonus_may_be_skipped,
    assert_canonical,
    assert_described,
    assert_mistake,
    bank,
    blank,
    cell_ids,
    constant_answer,
    load,
    reference,
    run,
    shares,
    shares_with,
)
from nbclient import NotebookClient

from coursegrader.course.course import Course
from coursegrader.grading.logs.log import SCHEMA_NAME, read_claim
from coursegrader.judging.judges.expectations import expectations
from coursegrader.judging.sieve import plain_error

NAME = "4_last_names"
MISTAKES, ALTERNATIVES = bank("mistakes", NAME), bank("alternatives", NAME)
TUTORIAL = ROOT.parent / "shared" / "names"  # the files of the PyTorch tutorial, where somebody has put them
WEIGHTS = SOURCE / "reference" / "last_names.pt"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Stand where the grader runs a notebook: beside the hidden inputs and what was handed in."""
    course_harness.lay_out(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names_of(*ids):
    """Run some cells of the notebook as the grader does and return the names they define."""
    names = {"__name__": "__main__"}
    for cell in load(NAME).cells:
        if cell.id in ids:
            exec(cell.source, names)
    return names


@pytest.fixture
def given(monkeypatch):
    """The given functions and the reference solutions, without training anything."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    ids = (
        "setup",
        "packed_names",
        "load_names",
        "letter_to_index",
        "encode",
        "recurrent_classifier",
        "training",
        "train_model",
    )
    return names_of(*ids)


# -- the file ----------------------------------------------------------------------------------------------------------


def test_the_file_is_canonical():
    assert_canonical(NAME)


def test_the_reference_passes_its_own_visible_tests():
    assert reference(NAME).errors == {}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_reference_gets_full_marks(seed):
    assert set(shares(NAME, run(load(NAME), seed=seed), seed).values()) == {1.0}


def test_a_blank_notebook_earns_nothing_even_beside_good_weights():
    assert set(shares(NAME, run(blank(NAME))).values()) == {0.0}


@pytest.mark.parametrize("value", CONSTANTS)
@pytest.mark.parametrize("name", ["letter_to_index", "recurrent_classifier", "invent"])
def test_a_constant_or_the_input_earns_nothing(name, value):
    function = {"recurrent_classifier": "RecurrentClassifier"}.get(name, name)
    earned = shares_with(NAME, name, constant_answer(function, value))
    assert earned[f"test_{name}"] == 0
    assert earned["test_accuracy"] == (name == "invent")


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_a_mistake_loses_exactly_its_points(mistake: Answer):
    assert_mistake(NAME, mistake)


@pytest.mark.parametrize("alternative", ALTERNATIVES, ids=str)
def test_a_right_answer_in_another_style_gets_full_marks(alternative: Answer):
    assert_alternative(NAME, alternative)


def test_the_unwritten_optional_part_stops_nothing():
    assert_bonus_may_be_skipped(NAME)


def test_the_banks_are_not_empty():
    assert len(MISTAKES) >= 8
    assert len(ALTERNATIVES) >= 6


def test_no_two_mistakes_give_the_same_evidence():
    found = {str(m): run(load(NAME), {m.cell: m.source}).evidence[f"test_{m.cell}"] for m in MISTAKES}
    alike = [
        (one, other)
        for (one, mine), (other, theirs) in combinations(found.items(), 2)
        if {record["name"] for record in mine} == {record["name"] for record in theirs}
        and all(result.verdict == "passed" for result in course_harness.judge(expectations(mine, one), theirs, SOURCE))
    ]
    assert alike == []


# -- the weights -------------------------------------------------------------------------------------------------------


def accuracy_points():
    """Return the share of the points of `test_accuracy` and the error its hidden region raises, if any."""
    student = run(load(NAME))
    return shares(NAME, student)["test_accuracy"], student.errors.get("test_accuracy (hidden)", "")


def hidden_accuracy(path=WEIGHTS):
    """Measure weights on the hidden names with code of this test's own."""
    saved = torch.load(path, weights_only=True)
    settings, weights = saved["hyper_parameters"], saved["state_dict"]
    surnames = (SOURCE / "hidden" / "surnames.txt").read_text("utf-8").splitlines()
    truth = (SOURCE / "truth" / "origins.txt").read_text("utf-8").splitlines()
    alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ .,;'"
    core = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM}[settings["model_type"]]
    layer = core(settings["rnn_size"], settings["rnn_size"], settings["num_layers"], batch_first=True)
    layer.load_state_dict({k.split(".", 1)[1]: v for k, v in weights.items() if k.startswith(settings["model_type"])})
    right = 0
    for length in set(map(len, surnames)):  # names of one length need no padding
        rows = [row for row, surname in enumerate(surnames) if len(surname) == length]
        numbers = torch.tensor([[alphabet.index(letter) for letter in surnames[row]] for row in rows])
        with torch.no_grad():
            all_h, _ = layer(weights["embedding.weight"][numbers])
            best = (all_h[:, -1] @ weights["output.weight"].T + weights["output.bias"]).argmax(1).tolist()
        right += sum(saved["categories"][label] == truth[row] for label, row in zip(best, rows, strict=True))
    return right / len(truth)


def test_the_reference_weights_find_82_percent_of_the_hidden_names():
    assert hidden_accuracy() >= 0.82


def test_the_log_beside_the_reference_weights_follows_the_schema():
    training, problem = read_claim((SOURCE / "reference" / "submission_log.json").read_bytes())
    assert problem == ""
    assert abs(training["claimed_accuracy"] - hidden_accuracy()) < 0.03
    assert training["history"][-1]["validation_accuracy"] == training["claimed_accuracy"]
    assert len(training["history"]) == training["epochs"] == 20
    saved = torch.load(WEIGHTS, weights_only=True)
    assert training["parameters"] == {name: list(value.shape) for name, value in saved["state_dict"].items()}
    assert "class RecurrentClassifier" in training["class_source"]


def change(path, settings=None, **changes):
    """Change entries of the saved weights."""
    saved = torch.load(path, weights_only=True)
    saved.update(changes)
    saved["hyper_parameters"].update(settings or {})
    torch.save(saved, path)


def test_untrained_weights_are_worth_nothing(folder, given):
    saved = torch.load(WEIGHTS, weights_only=True)
    torch.manual_seed(5)
    model = given["build"](saved["hyper_parameters"], saved["categories"])
    change(folder / "last_names.pt", state_dict=model.state_dict())
    assert hidden_accuracy(folder / "last_names.pt") < 0.13  # the largest language has 10.3 % of the names
    assert accuracy_points() == (0.0, "")


def test_weights_with_the_languages_in_another_order_are_worth_nothing(folder):
    saved = torch.load(WEIGHTS, weights_only=True)
    change(folder / "last_names.pt", categories=saved["categories"][1:] + saved["categories"][:1])
    assert accuracy_points() == (0.0, "")


def test_a_constant_language_is_worth_nothing(folder):
    saved = torch.load(WEIGHTS, weights_only=True)
    change(folder / "last_names.pt", categories=["Polish"] * len(saved["categories"]))
    assert accuracy_points() == (0.0, "")


def test_points_between_the_ends_of_the_band_are_linear(folder):
    path, steps = folder / "last_names.pt", torch.linspace(0.0, 0.5, 26)
    weights = torch.load(WEIGHTS, weights_only=True)["state_dict"]
    torch.manual_seed(11)
    noise = torch.randn_like(weights["output.weight"])
    for step in steps:  # make the model worse until its accuracy lies inside the band
        change(path, state_dict={**weights, "output.weight": weights["output.weight"] + step * noise})
        share = hidden_accuracy(path)
        if 0.71 < share < 0.79:
            break
    assert 0.71 < share < 0.79
    assert accuracy_points() == (pytest.approx((share - 0.7) / 0.1, abs=0.006), "")


def garbage(path):
    path.write_bytes(b"these are no weights" * 40)


def code(path):
    torch.save({"state_dict": shutil.rmtree}, path)  # a pickled function: to load it is to run code


def huge(path):
    with path.open("wb") as file:
        file.truncate(50_000_001)


def lacking(path):
    torch.save(torch.load(path, weights_only=True)["state_dict"], path)


def a_number(path):
    torch.save(3.5, path)


def another_architecture(path):
    change(path, settings={"num_layers": 1})


def gigantic(path):
    change(path, settings={"rnn_size": 10**6})


BAD_WEIGHTS = {
    Path.unlink: "FileNotFoundError: last_names.pt was not handed in",
    garbage: "ValueError: last_names.pt is no file of plain weights",
    code: "ValueError: last_names.pt is no file of plain weights",
    huge: "ValueError: last_names.pt is larger than 50 MB",
    lacking: "ValueError: last_names.pt lacks hyper_parameters, categories or state_dict",
    a_number: "ValueError: last_names.pt lacks hyper_parameters, categories or state_dict",
    another_architecture: "ValueError: the weights in last_names.pt do not fit your RecurrentClassifier",
    gigantic: "ValueError: last_names.pt describes a model too large to be graded",
}


@pytest.mark.parametrize("spoil", BAD_WEIGHTS, ids=lambda spoil: spoil.__name__)
def test_unusable_weights_say_so_and_cost_only_their_points(spoil, folder):
    spoil(folder / "last_names.pt")
    student = run(load(NAME))
    region = Course.open(ROOT).assignment("rnn").notebooks[NAME].graded["test_accuracy"].hidden
    message = student.errors["test_accuracy (hidden)"]
    assert message.startswith(BAD_WEIGHTS[spoil])
    assert plain_error(message, region) == message  # the student reads all of it
    earned = shares(NAME, student)
    assert earned.pop("test_accuracy") == 0
    assert set(earned.values()) == {1.0}


# -- the loader --------------------------------------------------------------------------------------------------------

TUTORIAL_LIKE = {  # as the tutorial's files are: unsorted, accents, hyphens, a blank at the end, repeated names
    "Polish": "Ślusàrski\nMarszałek\nZdunowski\nZdunowski\n",
    "Chinese": "Au-Yong\nSee \nBai",
    "German": "Groß\r\nMüller\r\n\r\nJäger\r\n",
    "Irish": "O'Neal\n",
}


def make_folder(place, files=TUTORIAL_LIKE):
    (place / "data" / "names").mkdir(parents=True)
    (place / "data" / "eng-fra.txt").write_text("Go.\tVa !\n", "utf-8")  # the tutorial's archive holds this, too
    for language, text in files.items():
        (place / "data" / "names" / f"{language}.txt").write_bytes(text.encode())


def make_zip(place, files=TUTORIAL_LIKE, prefix="data/names/"):
    with zipfile.ZipFile(place / "data.zip", "w") as packed:
        packed.writestr("data/eng-fra.txt", "Go.\tVa !\n")
        packed.writestr("__MACOSX/data/names/._Polish.txt", b"\x00\x05\x16\x07")
        for language, text in files.items():
            packed.writestr(f"{prefix}{language}.txt", text)


@pytest.mark.parametrize("make", [make_folder, make_zip, partial(make_zip, prefix="names/")])
def test_the_tutorials_files_work_in_place_of_ours(make, folder, given):
    make(folder)
    names, labels, categories = given["load_names"](folder)
    assert categories == ["Chinese", "German", "Irish", "Polish"]
    assert names == [
        *["AuYong", "See", "Bai", "Gross", "Muller", "Jager", "O'Neal"],
        *["Slusarski", "Marszalek", "Zdunowski", "Zdunowski"],
    ]
    assert labels == [0, 0, 0, 1, 1, 1, 2, 3, 3, 3, 3]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"Czech": "Adsit\n東京\n"}, r"Czech\.txt: the name '東京' contains '東'; only letters, spaces and"),
        ({"Czech": "Adsit\nA_B\n"}, r"Czech\.txt: the name 'A_B' contains '_'"),
        (
            {"Greek": "Papadimitrakopoulous\n"},
            r"Greek\.txt: the name 'Papadimitrakopoulous' has 20 letters; at most 19",
        ),
        ({"Irish": " \n\n", "Czech": "Adsit\n"}, r"Irish\.txt: the file holds no name"),
    ],
)
@pytest.mark.parametrize("make", [make_folder, make_zip])
def test_names_that_cannot_be_read_are_refused_in_a_sentence(make, files, message, folder, given):
    make(folder, files)
    with pytest.raises(ValueError, match=message):
        given["load_names"](folder)


def test_a_file_in_another_encoding_is_refused_in_a_sentence(folder, given):
    make_folder(folder)
    (folder / "data" / "names" / "Czech.txt").write_bytes("Dvořák\n".encode("cp1250"))
    with pytest.raises(ValueError, match=r"Czech\.txt: 'utf-8' codec"):
        given["load_names"](folder)


def test_a_notebook_that_lies_alone_has_all_names_in_itself(folder, given):
    names, labels, categories = given["load_names"](SOURCE)
    assert given["load_names"](folder) == (names, labels, categories)
    hidden = set((SOURCE / "hidden" / "surnames.txt").read_text("utf-8").splitlines())
    assert hidden.isdisjoint(names)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Þórðarson", "Thordarson"),
        ("Guðmundsdóttir", "Gudmundsdottir"),
        ("Əliyev", "Eliyev"),
        ("O’Brien", "O'Brien"),  # noqa: RUF001 -- the apostrophe that phones type
        ("Sæbø", "Saebo"),
        ("Groß", "Gross"),
        ("Nguyễn-Đặng", "NguyenDang"),
    ],
)
def test_letters_of_the_languages_in_the_data_can_be_read(given, name, plain):
    assert given["plain_letters"](name) == plain


def test_a_broken_or_foreign_archive_is_refused_in_a_sentence(folder, given):
    (folder / "data.zip").write_bytes(b"not a zip")
    with pytest.raises(ValueError, match=r"data\.zip is not a ZIP file"):
        given["load_names"](folder)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("readme.txt", "hello")
    (folder / "data.zip").write_bytes(packed.getvalue())
    with pytest.raises(ValueError, match=r"data\.zip holds no `names/<Language>\.txt`"):
        given["load_names"](folder)


def test_the_bundled_names_load_in_sorted_order(given):
    names, labels, categories = given["load_names"](SOURCE)
    assert categories == sorted(path.stem for path in (SOURCE / "data" / "names").glob("*.txt"))
    assert len(names) == len(set(names)) == len(labels)
    assert labels == sorted(labels)


# -- the given training ------------------------------------------------------------------------------------------------


def test_encoding_fills_up_to_the_longest_name_and_keeps_the_last_position(given):
    x, last_pos = given["encode"](["b", "abZ"])
    assert x.shape == (2, 19)
    assert x[:, :4].tolist() == [[1, 0, 0, 0], [0, 1, 51, 0]]
    assert x[:, 4:].sum() == 0
    assert last_pos.tolist() == [0, 2]


def test_the_split_is_the_same_every_time_and_shares_no_name(given):
    names = [f"{a}{b}{c}" for a in "abcdef" for b in "ghijkl" for c in "mnopqr"]
    (x, _, y), (held_x, _, held_y) = given["split"](names, list(range(len(names))))
    (again, _, _), _ = given["split"](names, list(range(len(names))))
    assert torch.equal(x, again)
    assert sorted([*y.tolist(), *held_y.tolist()]) == list(range(len(names)))
    assert len(held_x) == round(0.15 * len(names))


@pytest.mark.parametrize("batch_size", [7, 8, 100])
def test_training_sees_every_name_once_an_epoch_in_no_empty_batch(given, batch_size):
    sizes, seen = [], []

    class Recorder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.scores = torch.nn.Parameter(torch.zeros(3))

        def forward(self, x, last_pos):
            if self.training:
                sizes.append(len(x))
                seen.extend(last_pos.tolist())
            return self.scores.expand(len(x), 3)

    n = 56  # a multiple of 7 and of 8: the batches end with the epoch
    part = (torch.zeros(n, 19, dtype=torch.long), torch.arange(n), torch.arange(n) % 3)
    history = given["train"](Recorder(), part, part, 0.01, batch_size)
    assert min(sizes) > 0
    assert sorted(seen) == sorted(list(range(n)) * 20)
    assert [row["epoch"] for row in history] == list(range(1, 21))


def test_evaluation_is_in_eval_mode(given):
    torch.manual_seed(0)
    model = given["RecurrentClassifier"](57, 6, 3, dropout=0.9).train()
    x, last_pos = given["encode"](["abc", "de", "f"])
    assert torch.equal(given["predict"](model, x, last_pos), given["predict"](model, x, last_pos))


def execute(folder, data, replace=None, drop_tests=False):
    """Run the notebook in a kernel of its own, with training and figures, beside a folder of names."""
    notebook = load(NAME)
    for cell in notebook.cells:
        cell.source = (replace or {}).get(cell.id, cell.source)
    if drop_tests:
        notebook.cells = [cell for cell in notebook.cells if cell.id != "test_accuracy"]
    if not (folder / "data").exists():
        shutil.copytree(data, folder / "data" / "names", ignore=shutil.ignore_patterns("*.md"))
    for file in ("last_names.pt", "submission_log.json"):
        (folder / file).unlink()
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources=resources).execute()
    return notebook, json.loads((folder / "submission_log.json").read_text("utf-8"))


def settings(**changes):
    """Return the source of the hyper-parameter cell with some values changed."""
    lines = ["hyper_parameters = dict(model_type='rnn', rnn_size=32, num_layers=1, dropout=0.0, learning_rate=1e-4,"]
    return "\n".join([*lines, "    batch_size=64)", f"hyper_parameters.update({changes!r})"])


@pytest.mark.slow
@pytest.mark.xdist_group("training-notebook")
def test_the_notebook_runs_in_a_fresh_kernel_trains_draws_and_writes_both_files(folder):
    executed, log = execute(folder, SOURCE / "data" / "names")
    drawn = [cell.id for cell in executed.cells for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]
    assert drawn == ["plot_history", "plot_confusion", "plot_recall", "name_model"]
    assert_described(executed)
    assert log["schema"] == SCHEMA_NAME
    assert set(log) == {"schema", "training"}
    assert log["training"]["claimed_accuracy"] >= 0.82
    assert log["training"]["tried_name"]["name"] == "Hernández"
    assert hidden_accuracy(folder / "last_names.pt") >= 0.82
    assert accuracy_points() == (1.0, "")


@pytest.mark.slow
@pytest.mark.xdist_group("training-starter")
def test_the_starter_settings_earn_nothing(folder):
    execute(folder, SOURCE / "data" / "names", {"hyper_parameters": settings()}, drop_tests=True)
    assert 0.5 < hidden_accuracy(folder / "last_names.pt") < 0.70
    assert accuracy_points() == (0.0, "")


@pytest.mark.slow
def test_the_starter_settings_are_the_ones_students_get(folder):
    released = next(cell for cell in blank(NAME).cells if cell.id == "hyper_parameters").source
    starter, given = {}, {}
    exec(released.split("# Change the values above")[0], starter)
    exec(settings(), given)
    assert starter["hyper_parameters"] == given["hyper_parameters"]


@pytest.mark.slow
@pytest.mark.xdist_group("training-lstm")
def test_another_sensible_model_gets_full_marks(folder):
    changed = settings(model_type="lstm", rnn_size=96, dropout=0.4, learning_rate=4e-3, batch_size=256)
    execute(folder, SOURCE / "data" / "names", {"hyper_parameters": changed})
    assert hidden_accuracy(folder / "last_names.pt") >= 0.82
    assert accuracy_points() == (1.0, "")


@pytest.mark.slow
@pytest.mark.xdist_group("training-shuffled")
def test_a_model_trained_on_shuffled_labels_guesses(folder):
    cell = next(cell for cell in load(NAME).cells if cell.id == "train_model").source
    shuffled = cell.replace(
        "training, validation = split(names, labels)",
        "labels = [labels[i] for i in torch.randperm(len(labels))]\n    training, validation = split(names, labels)",
    )
    assert shuffled != cell
    execute(folder, SOURCE / "data" / "names", {"train_model": shuffled}, drop_tests=True)
    assert hidden_accuracy(folder / "last_names.pt") < 0.13
    assert accuracy_points() == (0.0, "")


@pytest.mark.slow
@pytest.mark.xdist_group("training-tutorial")
@pytest.mark.skipif(not TUTORIAL.is_dir(), reason="the PyTorch tutorial's names are not at ../shared/names")
def test_the_reference_settings_suit_the_tutorials_names(folder):
    _, log = execute(folder, TUTORIAL)
    assert len(log["training"]["categories"]) == 18
    assert log["training"]["claimed_accuracy"] >= 0.82


def test_every_cell_that_may_be_changed_is_free_of_training_while_graded():
    assert "GRADING" in next(cell for cell in load(NAME).cells if cell.id == "tried-name").source
    assert {"letter_to_index", "recurrent_classifier", "hyper_parameters", "invent"} == set(
        cell_ids(load(NAME), solution=True)
    )
    assert nbformat.read(SOURCE / f"{NAME}.ipynb", as_version=4).cells[-1].cell_type == "markdown"
