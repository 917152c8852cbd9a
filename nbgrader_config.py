"""The plug-point table: what this course puts in the places nbgrader offers; every list derives from its own."""

from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute as NbgraderExecute
from nbgrader.preprocessors import SaveAutoGrades

from coursegrader.plugins import (
    AuditedExporter,
    Execute,
    Feedback,
    FeedbackPage,
    LeakGate,
    LockedExporter,
    Repair,
    SaveScores,
)

c = get_config()  # noqa: F821 -- given by traitlets

# nbgrader copies every other file of source/ into release/, autograded/ and feedback/
c.CourseDirectory.ignore = [
    *CourseDirectory.ignore.default(), "hidden", "truth", "mistakes", "alternatives", "reference", "grading", "judges.py", "argued.diff",
]  # fmt: skip
c.CourseDirectory.course_id = "rnn-course"

# generate_assignment: nothing leaves that the audit refuses
c.GenerateAssignment.exporter_class = AuditedExporter
c.GenerateAssignment.preprocessors = [*GenerateAssignment.preprocessors.default(), LeakGate]

# autograde: one at a time, rebuilt first, run only in a box, judged outside the kernel
c.Autograde.exporter_class = LockedExporter
replaced = {NbgraderExecute: Execute, SaveAutoGrades: SaveScores}
c.Autograde.sanitize_preprocessors = [Repair, *Autograde.sanitize_preprocessors.default()]
c.Autograde.autograde_preprocessors = [replaced.get(pp, pp) for pp in Autograde.autograde_preprocessors.default()]

# generate_feedback: the judge's report and the student's own cells, nothing else; scores and styles are ours, too
c.GenerateFeedback.preprocessors = [Feedback]
c.GenerateFeedback.exporter_class = FeedbackPage

# export: quoted as CSV should be, with the bonus on top; other formats by --exporter=coursegrader.plugins.<Name>
c.ExportApp.plugin_class = "coursegrader.plugins.Csv"
