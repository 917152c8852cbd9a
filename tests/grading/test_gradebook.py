"""The gradebook: nbgrader reads what we wrote, one student is one transaction, and a grader's own score is never touched."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from nbgrader.api import Gradebook, MissingEntry, SubmittedNotebook

from coursegrader.course.course import Course
from coursegrader.errors import CourseError
from coursegrader.grading.gradebook.converters import generate
from coursegrader.grading.gradebook.results import Item, StudentResult
from coursegrader.grading.gradebook.scores import read_results
from coursegrader.grading.gradebook.writer import Writer, _within
from coursegrader.model import CellResult, Grading, NotebookResult

DUE = "2026-01-10 12:00:00 UTC"
LATE = "2026-01-11 12:00:00 UTC"


@pytest.fixture(scope="module")
def generated(tmp_path_factory, make_course):
    """Return a course folder with a gradebook made by nbgrader's own generate_assignment."""
    root = tmp_path_factory.mktemp("generated") / "course"
    generate(make_course(root), "week", tmp_path_factory.mktemp("release"), database=True)
    return root


@pytest.fixture
def graded(generated: Path, tmp_path: Path) -> Course:
    """Return a course with a gradebook of its own."""
    shutil.copytree(generated, tmp_path / "course")
    return Course.open(tmp_path / "course")


def results(double=2.0, why=None, shout=2.0) -> list[NotebookResult]:
    """Return the results of a student's two notebooks."""
    numbers = [
        CellResult("test_double", double, 2.0, verdict="full" if double == 2 else "partial"),
        CellResult("test_best", 0.0, 1.0, verdict="wrong"),
        CellResult("q_why", why, 3.0, manual=True, verdict="manual" if why is None else "no_response"),
        CellResult("q_how", 0.0, 2.0, manual=True, verdict="no_response"),
        CellResult("test_triple", 3.0, 4.0, verdict="partial"),
    ]
    return [NotebookResult("1_numbers", numbers), NotebookResult("2_words", [CellResult("test_shout", shout, 2.0)])]


def save(
    course: Course,
    student: str,
    found: list[NotebookResult],
    timestamp: str | None = None,
    before: Grading | None = None,
) -> None:
    """Save results the way a grading run does."""
    with Writer(course, "week") as writer:
        writer.save(student, found, timestamp, before)


def read(course: Course) -> Gradebook:
    """Open the gradebook the way nbgrader's own tools do."""
    return Gradebook(course.directory.db_url, course.directory.course_id)


def row(gradebook: Gradebook, student: str = "ada", name: str = "1_numbers") -> SubmittedNotebook:
    """Return one student's notebook."""
    return gradebook.find_submission_notebook(name, "week", student)


def grades(course: Course, student: str = "ada", name: str = "1_numbers") -> dict[str, tuple]:
    """Return automatic score, manual score and whether a person must look, by cell."""
    with read(course) as gradebook:
        return {
            grade.cell.name: (grade.auto_score, grade.manual_score, bool(grade.needs_manual_grade))
            for grade in row(gradebook, student, name).grades
        }


def test_what_nobody_has_graded_has_no_points_yet(graded):
    save(graded, "ada", results())
    (ada,) = read_results(graded, "week").students
    found = {item.grade_id: (item.points, item.waiting) for item in ada.items}
    assert (found["q_why"], found["q_how"], found["test_best"]) == ((None, True), (0.0, False), (0.0, False))
    assert (ada.total, ada.waiting) == (7.0, 1)


def test_an_assignment_has_its_own_scores(graded, tmp_path):
    source = graded.root / "source"
    shutil.copytree(source / "week", source / "other")  # with notebooks and cells of the same names
    generate(graded, "other", tmp_path / "other", database=True)
    save(graded, "ada", results())
    with Writer(graded, "other") as writer:
        writer.save("ada", results(double=0.5), None, None)
    found = {name: read_results(graded, name).students[0].items[0] for name in ("week", "other")}
    assert {name: (item.grade_id, item.points) for name, item in found.items()} == {
        "week": ("test_double", 2.0),
        "other": ("test_double", 0.5),
    }


def test_a_penalty_never_makes_less_than_nothing():
    items = [Item("1_numbers", "test_double", 2.0, 2.0, optional=False, manual=False, waiting=False)]
    assert [StudentResult("ada", items=items, penalty=penalty).total for penalty in (0.0, 1.5, 3.0)] == [2.0, 0.5, 0.0]


def test_scores_are_where_nbgrader_looks_for_them(graded):
    save(graded, "ada", results())
    assert grades(graded) == {
        "test_double": (2.0, None, False),
        "test_best": (0.0, None, False),
        "q_why": (None, None, True),
        "q_how": (0.0, None, False),
        "test_triple": (3.0, None, False),
    }
    with read(graded) as gradebook:
        submission = gradebook.find_submission("week", "ada")
        assert (submission.score, submission.max_score, submission.needs_manual_grade) == (7.0, 14.0, True)


def test_a_blank_written_answer_gets_nbgraders_own_comment(graded):
    save(graded, "ada", results())
    with read(graded) as gradebook:
        comments = {comment.name: comment.auto_comment for comment in row(gradebook).comments}
    assert (comments["q_how"], comments["q_why"]) == ("No response.", None)


def test_a_regrade_replaces_automatic_scores_and_comments(graded):
    save(graded, "ada", results(double=0.5, why=0.0))
    save(graded, "ada", results(double=2.0, why=None))
    assert grades(graded)["test_double"] == (2.0, None, False)
    assert grades(graded)["q_why"] == (None, None, True)
    with read(graded) as gradebook:
        assert {c.name: c.auto_comment for c in row(gradebook).comments}["q_why"] is None


def by_hand(course: Course, student: str = "ada", **points: float) -> None:
    """Do what the formgrader's handlers do when a grader types points."""
    with read(course) as gradebook:
        for name, value in points.items():
            grade = gradebook.find_grade(name, "1_numbers", "week", student)
            grade.manual_score, grade.needs_manual_grade, grade.extra_credit = value, False, 0.5
        gradebook.find_comment("q_why", "1_numbers", "week", student).manual_comment = "nearly"
        gradebook.db.commit()


def answering(text: str, **more) -> list[NotebookResult]:
    found = results(**more)
    found[0].cells[2].answer = text
    return found


def log_of(found: list[NotebookResult]) -> Grading:
    return Grading("ada", "week", "5eed", notebooks=found)


def test_a_manual_score_and_comment_stand_while_the_answer_does(graded):
    save(graded, "ada", answering("because"))
    by_hand(graded, q_why=2.5, test_double=1.75)
    for _ in range(2):
        save(graded, "ada", answering("because"), before=log_of(answering("because")))
        assert grades(graded)["q_why"] == (None, 2.5, False)
        assert grades(graded)["test_double"] == (2.0, 1.75, False)
    with read(graded) as gradebook:
        assert gradebook.find_grade("q_why", "1_numbers", "week", "ada").score == 3.0
        assert gradebook.find_comment("q_why", "1_numbers", "week", "ada").comment == "nearly"


@pytest.mark.parametrize("before", [None, log_of(answering("")), log_of(answering("something else"))])
def test_a_changed_answer_waits_again_and_keeps_its_old_score_until_it_is_read(graded, before):
    save(graded, "ada", answering("because"))
    by_hand(graded, q_why=2.5)
    save(graded, "ada", answering("because"), before=before)
    assert grades(graded)["q_why"] == (None, 2.5, True)
    save(graded, "ada", answering("because"), before=log_of(answering("because")))
    assert grades(graded)["q_why"] == (None, 2.5, True), "nobody has read it yet"
    by_hand(graded, q_why=1.0)
    save(graded, "ada", answering("because"), before=log_of(answering("because")))
    assert grades(graded)["q_why"] == (None, 1.0, False)


def test_other_points_for_a_question_are_a_reason_to_look_again(graded):
    save(graded, "ada", answering("because"))
    by_hand(graded, q_why=2.5)
    before = answering("because")
    before[0].cells[2].max_points = 2.0
    save(graded, "ada", answering("because"), before=log_of(before))
    assert grades(graded)["q_why"] == (None, 2.5, True)


def test_a_score_put_in_place_of_the_graders_waits_when_the_graders_changes(graded):
    save(graded, "ada", results())
    by_hand(graded, test_double=1.75)
    save(graded, "ada", results(double=0.0))
    assert grades(graded)["test_double"] == (0.0, 1.75, True)


def test_one_students_results_change_no_other_students_row(graded):
    for student in ("ada", "bob", "eve"):
        save(graded, student, results())
    before = grades(graded, "bob"), grades(graded, "eve", "2_words")
    save(graded, "ada", results(double=0.0, why=0.0, shout=0.0))
    assert (grades(graded, "bob"), grades(graded, "eve", "2_words")) == before


def test_one_notebook_can_be_saved_alone(graded):
    save(graded, "ada", results())
    save(graded, "ada", results(shout=1.0)[1:])
    assert grades(graded)["test_double"] == (2.0, None, False)
    assert grades(graded, name="2_words")["test_shout"] == (1.0, None, False)


def test_a_failure_half_way_leaves_nothing_of_the_student(graded):
    broken = results()
    broken[1].cells[0].grade_id = "no_such_cell"
    with Writer(graded, "week") as writer:
        with pytest.raises(KeyError):
            writer.save("ada", broken)
        writer.save("bob", results())
    with read(graded) as gradebook:
        with pytest.raises(MissingEntry):
            gradebook.find_student("ada")
        assert gradebook.find_submission("week", "bob").score == 7.0


def test_a_failure_half_way_leaves_the_previous_result_in_place(graded):
    save(graded, "ada", results())
    broken = results(double=0.0)
    broken[1].cells[0].grade_id = "no_such_cell"
    with pytest.raises(KeyError):
        save(graded, "ada", broken)
    assert grades(graded)["test_double"] == (2.0, None, False)


def test_nothing_is_saved_before_a_student_is_complete(graded):
    def interrupted():
        yield results()[0]
        with read(graded) as other, pytest.raises(MissingEntry):
            other.find_student("ada")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        save(graded, "ada", interrupted())
    with read(graded) as gradebook, pytest.raises(MissingEntry):
        gradebook.find_student("ada")


def late_course(course: Course, method: str) -> Course:
    """Set a due date and how nbgrader punishes being late."""
    config = course.root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\nc.LateSubmissionPlugin.penalty_method = {method!r}\n")
    with read(course) as gradebook:
        gradebook.update_or_create_assignment("week", duedate=DUE)
    return Course.open(course.root)


@pytest.mark.parametrize(
    ("method", "timestamp", "score"),
    [("zero", LATE, 0.0), ("none", LATE, 5.0), ("zero", DUE, 5.0), ("zero", None, 5.0)],
)
def test_the_late_penalty_is_nbgraders_own(graded, method, timestamp, score):
    course = late_course(graded, method)
    save(course, "ada", results(), timestamp)
    with read(course) as gradebook:
        found = row(gradebook)
        assert max(0.0, found.score - (found.late_submission_penalty or 0.0)) == score


@pytest.mark.parametrize(("penalty", "kept"), [(None, None), (-3.0, 0.0), (2.0, 2.0), (9.0, 5.0)])
def test_a_penalty_is_no_reward_and_takes_no_more_than_there_is(penalty, kept):
    assert _within(penalty, 5.0) == kept


def test_a_locked_gradebook_is_waited_for_and_that_is_said(graded):
    said = []
    with closing(sqlite3.connect(graded.root / "gradebook.db")) as other:

        def tell(sentence: str) -> None:
            said.append(sentence)
            other.rollback()  # whoever held it lets go

        with Writer(graded, "week", tell) as writer:
            other.execute("BEGIN IMMEDIATE")
            writer.save("ada", results(), None, None)
    assert [sentence.partition("; ")[2] for sentence in said] == ["waiting for it", "nothing was lost"]
    assert "database is locked" in said[0]
    assert grades(graded)["test_double"] == (2.0, None, False)


def test_a_penalty_goes_when_the_student_was_not_late_after_all(graded):
    course = late_course(graded, "zero")
    save(course, "ada", results(), LATE)
    save(course, "ada", results(), DUE)
    with read(course) as gradebook:
        assert row(gradebook).late_submission_penalty is None


def test_an_assignment_that_was_never_released_is_said(graded):
    with pytest.raises(CourseError, match="'week2' is not in the gradebook; run `coursegrader release week2`"):
        Writer(graded, "week2")


def test_the_writer_knows_the_graded_cells_of_each_notebook(graded):
    with Writer(graded, "week") as writer:
        assert writer.notebooks == {
            "1_numbers": {"test_double", "test_best", "q_why", "q_how", "test_triple"},
            "2_words": {"test_shout"},
        }


POLICY = """
from nbgrader.plugins import BasePlugin


class TwoPoints(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 4.0
"""


@pytest.mark.parametrize(("per", "penalties"), [("notebook", (4.0, 2.0)), ("submission", (4.0, 0.0))])
def test_a_policy_beside_the_course_is_asked_once_a_notebook_or_once_a_submission(graded, per, penalties):
    (graded.root / "late_policy.py").write_text(POLICY, "utf-8")
    course = late_course(graded, "none")
    config = course.root / "nbgrader_config.py"
    config.write_text(
        f"{config.read_text()}\nc.AssignLatePenalties.plugin_class = 'late_policy.TwoPoints'\nc.LatePenalty.per = {per!r}\n"
    )
    save(Course.open(course.root), "ada", results(), LATE)
    with read(course) as gradebook:
        found = [row(gradebook, name=name).late_submission_penalty for name in ("1_numbers", "2_words")]
        assert gradebook.find_submission("week", "ada").late_submission_penalty == sum(penalties)
    assert tuple(found) == penalties


def test_a_changed_due_date_or_policy_or_hand_in_is_told(graded):
    course = late_course(graded, "zero")
    save(course, "ada", results(), LATE)

    def stands(course: Course, timestamp: str = LATE) -> bool:
        with Writer(course, "week") as writer:
            return writer.in_force("ada", timestamp)

    assert stands(course)
    assert not stands(course, DUE), "it was handed in at another time"
    assert not stands(late_course(course, "none")), "the policy is another one"
    late_course(course, "zero")
    with read(course) as gradebook:
        gradebook.update_or_create_assignment("week", duedate="2026-02-10 12:00:00 UTC")
    assert not stands(Course.open(course.root)), "the due date is another one"
    with Writer(course, "week") as writer:
        assert not writer.in_force("bob", LATE), "nothing of this student is recorded"
