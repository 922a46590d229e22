"""The source's rows behind a number, as CSV."""

from collections.abc import Sequence
from itertools import islice

from kpi_pipeline.compute.explanation import UnknownNameError
from kpi_pipeline.dashboard.asked import MISSING, RowsAsked, named_group
from kpi_pipeline.dashboard.table import csv_text
from kpi_pipeline.ports.board import Board


def rows_csv(board: Board, metric: str, asked: RowsAsked) -> tuple[str, bool]:
    """The rows of one leaf, and whether there are more.

    They are read before the answer begins: a source that fails in the middle is then a problem,
    not a file that looks whole and adds up to another number.

    Raises:
        UnknownNameError: There is no such window, group or leaf.
        SourceError: The source cannot answer.
    """
    found = board.explain(metric, asked.window, named_group(asked.group))
    if asked.leaf >= len(found.leaves):
        raise UnknownNameError(f"{metric} comes down to {len(found.leaves)} leaves, from 0")
    with board.rows(found, asked.leaf, asked.limit + 1) as (columns, rows):
        kept = list(islice(rows, asked.limit))
        more = next(iter(rows), None) is not None
    groups = len(found.leaves[asked.leaf].metric.group_by)
    return csv_text(columns, (_marked(row, groups) for row in kept)), more


def _marked(row: Sequence[object], groups: int) -> Sequence[object]:
    """A row, of which a missing group is told apart from an empty one; groups come last."""
    rest = len(row) - groups
    return [*row[:rest], *(MISSING if value is None else value for value in row[rest:])]
