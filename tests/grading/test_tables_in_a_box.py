"""Tables, dicts and plots on their whole way: out of a box, past the judge, into the log."""

from __future__ import annotations

from pathlib import Path

import nbformat
from small_course import canonical, cell, write_course

from coursegrader.authoring.check import check
from coursegrader.grading import pipeline
from coursegrader.grading.cache import Cache

SOLUTION = """\
import pandas as pd


def summary(df):
    ### BEGIN SOLUTION
    return df.groupby("city", as_index=False).agg(price=("price", "mean"), n=("price", "size"))
    ### END SOLUTION


def show(ax, df):
    ### BEGIN SOLUTION
    ax.plot(df["price"])
    ax.set_title("Prices")
    ### END SOLUTION"""
TESTS = """\
assert callable(summary), "summary returns a table with the columns city, price and n"
### BEGIN HIDDEN TESTS
import matplotlib.pyplot as plt
import pandas as pd
from coursegrader.evidence import drawn, evidence, rng
given = pd.DataFrame({"city": ["Ulm", "Bonn", "Ulm"], "price": rng("prices").uniform(1, 2, 3)})
evidence("table", summary(given), atol={"price": 0.001})
evidence("by city", summary(given).set_index("city")["n"].to_dict())
figure, ax = plt.subplots()
show(ax, given)
evidence("plot", drawn(ax))
plt.close(figure)
### END HIDDEN TESTS"""
WRONG = SOLUTION.replace('("price", "mean")', '("price", "max")').replace('"Prices"', '"prices"')


def test_a_wrong_column_and_a_wrong_title_are_told_and_the_dict_keeps_its_share(tmp_path: Path):
    course = write_course(tmp_path / "course")
    (course.root / "source" / "week" / "requirements.txt").write_text("pandas\nmatplotlib\n")
    nb = canonical([cell("solution", "summary", SOLUTION), cell("test", "test_summary", TESTS, 3)])
    nbformat.write(nb, course.root / "source" / "week" / "3_tables.ipynb")
    assignment = course.assignment("week")
    for student, answer in (("ada", SOLUTION), ("bo", WRONG)):
        folder = course.root / "submitted" / student / "week"
        folder.mkdir(parents=True)
        handed_in = nbformat.from_dict(assignment.notebooks["3_tables"].release)
        next(c for c in handed_in.cells if c.id == "summary").source = answer
        nbformat.write(handed_in, folder / "3_tables.ipynb")
    gradings = pipeline.autograde(course, "week", notebook="3_tables").gradings
    ada, bo = (gradings[name].notebook("3_tables").cells[0] for name in ("ada", "bo"))
    assert (ada.points, ada.verdict) == (3.0, "full")
    assert bo.points == 1.0
    table, by_city, plot = bo.evidence
    assert (table.verdict, table.place) == ("wrong_value", "column 1, row 1")  # no released code names it
    assert by_city.verdict == "passed"
    assert plot.message == "the title is another one"
    found = check(assignment, "a seed", Cache(tmp_path / "cache"), 1, ["3_tables"])
    assert [row.problem for row in found.rows if row.kind in ("evidence", "echo") and row.problem] == []
