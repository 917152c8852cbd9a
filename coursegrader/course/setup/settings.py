"""What can a course set of ours? Declared here, under the names it bears in ``nbgrader_config.py``, and read once a course."""

from __future__ import annotations

from dataclasses import dataclass

from traitlets import Enum, Float, Int, Integer, List, Unicode
from traitlets.config import Config, Configurable

#: Where nbgrader's formgrader is, unless the course says otherwise.
FORMGRADER = "http://localhost:8888/formgrader"


class Execute(Configurable):
    """How much one notebook may use up, and how well it must be locked up."""

    timeout = Float(
        20, min=0.01, help="Seconds of its own an execution may take; halved after each that took longer."
    ).tag(config=True)
    notebook_seconds = Float(120, min=0.01, help="Seconds of its own one notebook may take.").tag(config=True)
    output_bytes = Integer(1_000_000, min=1, help="Bytes of output kept of one execution; the rest is cut.").tag(
        config=True
    )
    flood_bytes = Integer(20_000_000, min=1, help="Bytes of output at which an execution is stopped.").tag(config=True)
    evidence_bytes = Integer(
        10_000_000, min=1, help="Bytes of memory that one notebook's evidence may take; each question half of the rest."
    ).tag(config=True)
    memory_mb = Integer(2000, min=1, help="Megabytes of memory that all processes of a box may use.").tag(config=True)
    disk_mb = Integer(256, min=1, help="Megabytes of files that a notebook may write.").tag(config=True)
    processes = Integer(128, min=1, help="Processes and threads that a box may have.").tag(config=True)
    require_rung = Integer(5, min=0, max=5, help="Refuse to grade on a weaker isolation rung than this.").tag(
        config=True
    )


class SaveScores(Configurable):
    """What a graded answer earns and is told."""

    hints = Enum(["off", "category", "full"], "full", help="What students are told of a recognised mistake.").tag(
        config=True
    )
    forgeable = Enum(
        ["forbid", "allow"], "forbid", help="Whether cells without evidence, as nbgrader has them, may earn points."
    ).tag(config=True)


class LatePenalty(Configurable):
    """How often nbgrader's late penalty plugin is asked about a submission of several notebooks."""

    per = Enum(
        ["notebook", "submission"],
        "notebook",
        help="Whether the penalty is taken off every notebook, as nbgrader does, or once off the submission.",
    ).tag(config=True)


class LeakGate(Configurable):
    """What may be released."""

    released_files = List(
        Unicode(), help="Paths in an assignment, besides notebooks, data/ and requirements.txt, that students get."
    ).tag(config=True)


class ClassReport(Configurable):
    """What the class report points out, and where its links lead."""

    formgrader = Unicode(FORMGRADER, help="Address of nbgrader's formgrader.").tag(config=True)
    most = Int(10, min=0, help="How many things to act on are listed first.").tag(config=True)
    claims = Float(0.02, min=0.0, help="How far a claimed accuracy may be from the measured one.").tag(config=True)
    hard = Float(0.4, min=0.0, max=1.0, help="Mean share of its points below which a question is listed.").tag(
        config=True
    )


class Watch(Configurable):
    """How often, and how soon, what arrives is graded."""

    attempts = Int(0, min=0, help="How many hand-ins of a student are graded; 0 is any number.").tag(config=True)
    cool_down = Float(0.0, min=0.0, help="Seconds between two gradings of one student.").tag(config=True)
    settle = Float(1.0, min=0.0, help="Seconds for which a hand-in must not change.").tag(config=True)
    patience = Float(30.0, min=0.0, help="Seconds for which one that is cut off is waited for.").tag(config=True)


@dataclass(frozen=True)
class Settings:
    """Everything of ours that a course has set, by what it is about."""

    execute: Execute
    scores: SaveScores
    late: LatePenalty
    gate: LeakGate
    report: ClassReport
    watch: Watch

    @classmethod
    def of(cls, config: Config) -> Settings:
        """Read a course's configuration."""
        kinds = (Execute, SaveScores, LatePenalty, LeakGate, ClassReport, Watch)
        return cls(*(kind(config=config) for kind in kinds))
