"""How does ``nbgrader autograde`` judge and save, where nbgrader's own class would?"""

from __future__ import annotations

import hashlib
from pathlib import Path

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Enum

from coursegrader.course.course import Course
from coursegrader.engine.execute import RESOURCE
from coursegrader.grading.cache import Cache
from coursegrader.grading.gradebook.writer import Writer
from coursegrader.grading.logs.records import previous, read_training, write_logs
from coursegrader.grading.marking import judge_notebook
from coursegrader.grading.reference import KnownMistakes, reference
from coursegrader.grading.running import SubmissionRun
from coursegrader.intake.repair import FINDINGS
from coursegrader.intake.submission import read_regular
from coursegrader.model import Finding, Grading, NotebookRun


class SaveScores(NbGraderPreprocessor):
    """Judge and save inside ``nbgrader autograde``, in the place of nbgrader's SaveAutoGrades."""

    hints = Enum(["off", "category", "full"], "full", help="What students are told of a recognised mistake.").tag(
        config=True
    )

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Judge the run that ``Execute`` left, write gradebook, logs and the report into the notebook."""
        names = resources["nbgrader"]
        course = Course(Path.cwd(), self.config)
        assignment = course.assignment(names["assignment"])
        notebook = assignment.notebooks[names["notebook"]]
        run: NotebookRun = resources[RESOURCE]
        run.notebook = nb
        findings = [Finding(**item) for item in nb.metadata.pop(FINDINGS, [])]
        handed_in = course.step("submitted", names["student"], assignment.name)
        raw = read_regular(handed_in / f"{notebook.name}.ipynb", 1 << 30)
        cache = Cache(course.grading / "cache")
        known = reference(notebook, course.seed, cache)
        digest = hashlib.sha256(raw).hexdigest()
        graded = SubmissionRun("", run, findings, submission_hash=digest, seed=course.seed)
        result = judge_notebook(notebook, graded, known, KnownMistakes(notebook, course.seed, cache), self.hints)
        with Writer(course, assignment.name) as writer:
            writer.save(names["student"], [result], before=previous(course, names["student"], assignment.name)[0])
        training, notes = read_training(handed_in)
        write_logs(course, Grading(names["student"], assignment.name, course.seed, findings=notes), training, [result])
        return nb, resources
