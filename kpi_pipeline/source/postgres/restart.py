"""After a restart of the server: what a crash may have undone.

A crash forgets what was not flushed: transaction ids that were handed out are given again, so a
new row may bear an id from below the horizon; and commits that did not wait for the disk
(`synchronous_commit = off`) vanish, with rows that a look has seen. A clean restart does neither,
but looks the same from here. (A vanished row that was dated before the last look's floor is left
to an audit: its bucket is remembered only while the horizon is held back.)
"""

from datetime import datetime

from psycopg.errors import QueryCanceled
from sqlalchemy.exc import DBAPIError

from kpi_pipeline.model.moment import MINUTE, Interval, floor_minute, minute_interval
from kpi_pipeline.source.position import Position
from kpi_pipeline.source.postgres.catalog import Table
from kpi_pipeline.source.postgres.unseen import Search

FORGOTTEN = 100_000
"""More ids than a server hands out between two flushes of its log."""
FIRST_ID = 3


def has_restarted(before: Position, table: Table) -> bool:
    """Whether the server was started since the last look."""
    return before.started != table.started


def emptied(before: Position, table: Table) -> str | None:
    """Why nothing of what was read can be relied on; None if most of it can."""
    if table.unlogged and has_restarted(before, table):
        return "the server was restarted, and a crash empties an unlogged table"
    return None


def too_long(before: Position, table: Table, error: DBAPIError) -> str:
    """Why everything is folded, where the look through all rows was cut off by its time limit.

    Folding goes in slices, which that limit does not stop; the next look is an ordinary one.

    Raises:
        DBAPIError: The look failed for another reason, or was not after a restart.
    """
    if not (has_restarted(before, table) and isinstance(error.orig, QueryCanceled)):
        raise error
    return "the server was restarted, and to look through the whole table took too long"


def since_restart(horizon: int) -> Search:
    """For rows of ids given before or since, wherever they are."""
    return Search(max(FIRST_ID, horizon - FORGOTTEN))


def vanished(before: Position, start: datetime, now: datetime) -> list[Interval]:
    """Where rows may have vanished that the last look saw: what it kept prints of, and recently.

    Args:
        before: Of the last look.
        start: The declared start, before which nothing is folded.
        now: The source's clock.
    """
    kept = [minute_interval(datetime.fromisoformat(bucket)) for bucket, _ in before.prints]
    since = max(_last_floor(before, now), floor_minute(start))
    until = floor_minute(now) + MINUTE
    return [*kept, Interval(since, until)] if since < until else kept


def _last_floor(before: Position, now: datetime) -> datetime:
    floors = (datetime.fromisoformat(anchor.floor) for anchor in before.anchors[-1:])
    return floor_minute(min(now, *floors))
