"""What can go wrong, as one tree.

::

    CourseGraderError            anything this package refuses to do; its text names place, cause and next step
    ├── CourseError              the course folder, the assignment, a student or an option is not what was asked for
    │   └── CourseBusy           another command works on this course
    ├── AuthoringError           the instructor's notebook breaks a rule (evidence names, markers, metadata)
    ├── ReleaseRefused           the audit found something that must not reach students
    ├── IngestError              a handed-in file cannot be read as a notebook
    ├── EvidenceError            a record of evidence is not what the codec allows
    ├── LogError                 a submission log is malformed or its signature does not match
    ├── GradebookError           the database of the gradebook cannot be reached or used
    ├── ClusterError             no scheduler, no worker that can be used, or a worker that was lost too often
    └── NoBoxError               no way to lock up student code works on this machine
"""

#: Exit codes of every command: all is well; some submissions are degraded, each listed; it could not be done.
FINE, DEGRADED, FAILED = 0, 1, 2


class CourseGraderError(Exception):
    """Anything this package refuses to do; the text names the place, the cause and the next step."""


class CourseError(CourseGraderError):
    """The course folder, the assignment, a student or an option is not what was asked for."""


class CourseBusy(CourseError):  # noqa: N818 -- it is a state, not a fault
    """Another command works on this course."""


class AuthoringError(CourseGraderError):
    """The instructor's notebook breaks a rule of authoring."""


class ReleaseRefused(CourseGraderError):  # noqa: N818 -- it is a verdict of the audit, said in the audit's word
    """The audit found something that must not reach students."""


class IngestError(CourseGraderError):
    """A handed-in file cannot be read as a notebook."""


class EvidenceError(CourseGraderError):
    """A record of evidence is not what the codec allows."""


class LogError(CourseGraderError):
    """A submission log is malformed or its signature does not match."""


class GradebookError(CourseGraderError):
    """The database of the gradebook cannot be reached or used."""


class ClusterError(CourseGraderError):
    """The machines that were to grade cannot: no scheduler, no usable worker, or lost too often."""


class NoBoxError(CourseGraderError):
    """No way to lock up student code works on this machine."""
