"""The one group that stands for all that are too many to keep apart."""

from kpi_pipeline.model.batch import Dims

OTHER = "(other)"
"""A value of the data that reads like this joins the group; it is not worth telling apart."""
MOST_GROUPS = 10_000
"""The most that may be declared: every group is a number in every window of every snapshot."""
DEFAULT_GROUPS = 1_000
LONGEST_GROUP = 100
"""Characters of a group's value that count: labels, messages and index rows have an end."""


def other_of(dims: Dims) -> Dims:
    """The group that a group is summed in when it has no series of its own.

    >>> other_of(("DELI", None))
    ('(other)', '(other)')
    """
    return (OTHER,) * len(dims)


def is_other(dims: Dims) -> bool:
    """Whether these values are the group of all others; a number without groups is none."""
    return bool(dims) and dims == other_of(dims)
