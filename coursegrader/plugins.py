"""What does nbgrader plug in? Every class of ours that stands in one of its lists; ``nbgrader_config.py`` imports from here."""

from coursegrader.authoring.audit import LeakGate
from coursegrader.authoring.release import AuditedExporter
from coursegrader.engine.execute import Execute
from coursegrader.grading.gradebook.converters import LockedExporter
from coursegrader.grading.saving import SaveScores
from coursegrader.intake.collecting.owners import LmsCollector
from coursegrader.intake.collecting.unpack import SafeExtractor
from coursegrader.intake.repair import Repair
from coursegrader.publishing.exporting.export import Canvas, Classroom50, Csv, Gradescope, JUnit, Moodle
from coursegrader.publishing.feedback import Feedback, FeedbackPage

__all__ = [
    "AuditedExporter",
    "Canvas",
    "Classroom50",
    "Csv",
    "Execute",
    "Feedback",
    "FeedbackPage",
    "Gradescope",
    "JUnit",
    "LeakGate",
    "LmsCollector",
    "LockedExporter",
    "Moodle",
    "Repair",
    "SafeExtractor",
    "SaveScores",
]
