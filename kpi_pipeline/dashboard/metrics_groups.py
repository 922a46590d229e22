"""Groups as label values: told apart whatever they hold, and only so many of them."""

from collections.abc import Iterable

from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.snapshot import Reading

MOST_GROUPS = 100
"""Of one metric, and of one rule: each is a series a window, and Prometheus keeps them all."""


def group_label(dims: Dims) -> str:
    r"""A group's values as one label, never the same for two groups of a metric.

    A comma or a backslash within a value is escaped, and `\N` is a missing one.

    >>> group_label(("DELI", None))
    'DELI,\\N'
    >>> group_label(("a,b",))
    'a\\,b'
    """
    return ",".join(r"\N" if value is None else _escaped(value) for value in dims)


def largest(readings: Iterable[Reading]) -> tuple[frozenset[Dims], int]:
    """The groups of one metric with the most rows over any window, and how many others there are.

    The same ones for every window, so that a group's series are all there or none.
    """
    rows: dict[Dims, int] = {}
    for reading in readings:
        rows[reading.dims] = max(reading.rows, rows.get(reading.dims, 0))
    ranked = sorted(rows, key=lambda dims: (-rows[dims], group_label(dims)))
    return frozenset(ranked[:MOST_GROUPS]), max(len(ranked) - MOST_GROUPS, 0)


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace(",", r"\,")
