"""A finding: one thing that was looked at, how it is, and what mends it."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Whether something must be done: nothing, better soon, or before anything else works."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found.

    Attributes:
        level: How bad it is.
        subject: What was looked at, such as `source index`.
        what: A sentence for a person, without secrets.
        remedy: SQL statements, one a line and each ended by `;`, or words; '' where all is well.
    """

    level: Severity
    subject: str
    what: str
    remedy: str = ""


def fine(subject: str, what: str) -> Finding:
    """All is well."""
    return Finding(level=Severity.OK, subject=subject, what=what)


def warning(subject: str, what: str, remedy: str) -> Finding:
    """It works, but worse than it could, or not for long."""
    return Finding(level=Severity.WARNING, subject=subject, what=what, remedy=remedy)


def problem(subject: str, what: str, remedy: str) -> Finding:
    """It does not work."""
    return Finding(level=Severity.PROBLEM, subject=subject, what=what, remedy=remedy)
