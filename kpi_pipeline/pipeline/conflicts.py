"""Conflicts: somebody else committed between our read and our write, so we read again."""

from collections.abc import Callable
from typing import TypeVar

from kpi_pipeline.model.errors import StateConflictError

T = TypeVar("T")
MOST_CONFLICTS = 20


def retrying(attempt: Callable[[int], T]) -> T:
    """Try until no one interferes, and a last time; the attempt is told how often it was tried.

    Raises:
        StateConflictError: Somebody interfered each time.
    """
    for tried in range(MOST_CONFLICTS):
        try:
            return attempt(tried)
        except StateConflictError:
            continue
    return attempt(MOST_CONFLICTS)
