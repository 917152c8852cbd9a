"""The plug-in table: what this course puts in the places nbgrader offers; every list derives from nbgrader's own."""

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

c = get_config()  # noqa: F821 -- given by nbgrader
c.CourseDirectory.course_id = "weather"
# nbgrader copies every other file of source/
c.CourseDirectory.ignore = [
    *CourseDirectory.ignore.default(),
    "hidden",
    "truth",
    "mistakes",
    "alternatives",
    "reference",
    "judges.py",
    "argued.diff",
]

c.GenerateAssignment.exporter_class = AuditedExporter
c.GenerateAssignment.preprocessors = [*GenerateAssignment.preprocessors.default(), LeakGate]
c.Autograde.exporter_class = LockedExporter
c.Autograde.sanitize_preprocessors = [Repair, *Autograde.sanitize_preprocessors.default()]
replaced = {NbgraderExecute: Execute, SaveAutoGrades: SaveScores}
c.Autograde.autograde_preprocessors = [replaced.get(pp, pp) for pp in Autograde.autograde_preprocessors.default()]
c.GenerateFeedback.preprocessors = [Feedback]
c.GenerateFeedback.exporter_class = FeedbackPage

# nbgrader export: quoted as CSV should be, with the bonus on top
c.ExportApp.plugin_class = "coursegrader.plugins.Csv"
