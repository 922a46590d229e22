"""Rewind: fold again from a moment, on the operator's word. Never double counts."""

from datetime import datetime

from kpi_pipeline.model.errors import StateError
from kpi_pipeline.model.moment import Interval, floor_minute
from kpi_pipeline.pipeline.backlog import span
from kpi_pipeline.ports.source import Source
from kpi_pipeline.ports.store import Store


def rewind(source: Source, store: Store, since: datetime | None, why: str) -> Interval | None:
    """Queue everything from `since` to be folded again; None means all of history.

    Returns:
        The range that was queued; None if nothing lies there.

    Raises:
        StateError: Nothing was folded yet, so there is nothing to fold again.
    """
    extent = source.extent()
    state = store.load()  # after the extent: what is folded in between is in one of the two
    if not state.started:
        raise StateError("nothing was folded yet; the first run folds everything anyway")
    whole = span(state, extent)
    start = None if since is None else floor_minute(since)
    part = whole if whole is None or start is None else whole.clip(start, whole.end)
    store.rewind(part, since, why)
    return part
