"""How does ``nbgrader autograde`` judge and save, where nbgrader's own class would?"""

from __future__ import annotations

import hashlib
from pathlib import Path

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from coursegrader.course.course import Course, Notebook
from coursegrader.course.setup import settings
from coursegrader.engine.execute import RESOURCE
from coursegrader.errors import AuthoringError
from coursegrader.grading.cache import Cache, versions
from coursegrader.grading.gradebook.writer import Writer
from coursegrader.grading.logs.records import previous, read_training, write_logs
from coursegrader.grading.marking import judge_notebook, unjudged
from coursegrader.grading.reference import KnownMistakes, Reference, reference
from coursegrader.grading.running import SubmissionRun
from coursegrader.intake.reading.regular import read_regular
from coursegrader.intake.repair import FINDINGS
from coursegrader.model import Finding, Grading, NotebookRun, decoded


class SaveScores(settings.SaveScores, NbGraderPreprocessor):
    """Judge and save inside ``nbgrader autograde``, in the place of nbgrader's SaveAutoGrades."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Judge the run that ``Execute`` left, write gradebook, logs and the report into the notebook."""
        names = resources["nbgrader"]
        course = Course(Path.cwd(), self.config)
        assignment = course.assignment(names["assignment"])
        notebook = assignment.notebooks[names["notebook"]]
        run: NotebookRun = resources[RESOURCE]
        run.notebook = nb
        findings = decoded(list[Finding], nb.metadata.pop(FINDINGS, []))
        handed_in = course.step("submitted", names["student"], assignment.name)
        raw = read_regular(handed_in / f"{notebook.name}.ipynb", 1 << 30)
        cache = Cache(course.grading / "cache")
        known = reference(notebook, course.seed, cache)
        refuse_forgeable(notebook, known)
        digest = hashlib.sha256(raw).hexdigest()
        graded = SubmissionRun("", run, findings, submission_hash=digest, seed=course.seed)
        result = judge_notebook(notebook, graded, known, KnownMistakes(notebook, course.seed, cache), self.hints)
        for sentence in unjudged([result]):
            self.log.error("%s, %s: %s", names["student"], notebook.name, sentence)
        with Writer(course, assignment.name) as writer:
            writer.save(names["student"], [result], before=previous(course, names["student"], assignment.name)[0])
        training, notes = read_training(handed_in)
        grading = Grading(names["student"], assignment.name, course.seed, versions(assignment), findings=notes)
        write_logs(course, grading, training, [result])
        return nb, resources


def refuse_forgeable(notebook: Notebook, known: Reference) -> None:
    """Raise if a cell emits no evidence and the course does not allow that.

    Raises:
        AuthoringError: Its points could be forged.
    """
    bare = [name for name, expected in known.expected.items() if not expected]
    if bare and notebook.assignment.course.settings.scores.forgeable == "forbid":
        raise AuthoringError(
            f"{notebook.path.name}, cell {bare[0]}: emits no evidence, so its points could be forged; emit evidence "
            'there, or allow it for the whole course: c.SaveScores.forgeable = "allow" in nbgrader_config.py'
        )
