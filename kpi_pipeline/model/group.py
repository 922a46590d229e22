"""The one group that stands for all that are too many to keep apart, and those called like it."""

from kpi_pipeline.model.batch import Dims

OTHER = "(other)"
MARK = "\\"
"""Stands before each value of a group of the data that is called as the group of all others is."""
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


def named(values: Dims) -> Dims:
    r"""What a group of the data is called: as it is, but never as that of all others.

    So that no two groups are called alike, one that is called like that gets a mark more.

    >>> named(("DELI",)), named(("(other)",)), named((r"\(other)",)), named(("(other)", None))
    (('DELI',), ('\\(other)',), ('\\\\(other)',), ('(other)', None))
    """
    return tuple(f"{MARK}{value}" for value in values) if _reads_like_other(values) else values


def values_of(dims: Dims) -> Dims:
    r"""The values in the data of a group by what it is called; that of all others has none.

    >>> values_of(("DELI",)), values_of((r"\(other)",))
    (('DELI',), ('(other)',))
    """
    marked = _reads_like_other(dims) and all(value and value[0] == MARK for value in dims)
    return tuple(value and value[1:] for value in dims) if marked else dims


def _reads_like_other(dims: Dims) -> bool:
    return bool(dims) and all((value or "").lstrip(MARK) == OTHER for value in dims)
