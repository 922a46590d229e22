"""Exact detection: which minute buckets hold rows of transactions not yet seen.

The order of the three statements is the whole proof. First the activity: who runs, since when.
Then the snapshot: its xmin is the next horizon, because all transactions below it are over.
Then the read, which therefore sees every transaction below that horizon; whatever it misses
has an id of the horizon or later and is found by the next look.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from kpi_pipeline.model.batch import Detection
from kpi_pipeline.model.declaration.durations import format_duration
from kpi_pipeline.model.moment import Interval, minute_interval, union
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.position import UNREADABLE, WHY_UNREADABLE, Anchor, Position, keep
from kpi_pipeline.source.postgres.catalog import Table
from kpi_pipeline.source.postgres.leaves import Moved, find_moved, keep_leaves
from kpi_pipeline.source.postgres.names import inline, quoted, quoted_table
from kpi_pipeline.source.postgres.prints import differing, kept
from kpi_pipeline.source.postgres.restart import (
    FORGOTTEN,
    emptied,
    has_restarted,
    since_restart,
    too_long,
    vanished,
)
from kpi_pipeline.source.postgres.unseen import Bucket, Search, find, since_look, since_sweep

KIND = "horizon"
FARTHEST = 2**30
"""Transaction ids wrap at 2^32; a position further behind than this is not compared."""
KEY_MARGIN = 1000
"""Keys drawn from a sequence, but not yet visible, at the moment of a look."""

ACTIVITY_SQL = text("""
SELECT clock_timestamp() AS now,
       (SELECT min(xact_start) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()) AS oldest
""")
SNAPSHOT_SQL = text("""
SELECT pg_snapshot_xmin(s)::text AS xmin, pg_snapshot_xmax(s)::text AS xmax
FROM pg_current_snapshot() AS s
""")


@dataclass(frozen=True, slots=True)
class _Probe:
    now: datetime
    anchor: Anchor
    horizon: int
    exact: bool


def detect(
    connection: Connection,
    spec: PipelineSpec,
    table: Table,
    before: Position | None,
    *,
    sweep: bool = False,
) -> Detection:
    """Look once; the connection must give each statement a snapshot of its own.

    A look asks only where new rows can be; a sweep asks everywhere, for what came after the
    last sweep, and so also finds updates of old rows.
    """
    probe = _probe(connection, spec, table)
    everything = None if before is None else _incomparable(before, table, probe, sweep=sweep)
    leaves = Moved()
    if before is not None and everything is None:
        leaves = find_moved(connection, spec, before.leaves, table.leaves)
        everything = leaves.lost
    known = None if before is None or everything else _usable(spec, table, before)
    position = _position(spec, table, known, probe, sweep=sweep)
    changed = list(leaves.intervals)
    if known is not None and before is not None:
        search = _search(table, known, sweep=sweep)
        try:
            found = find(connection, spec, table, search, since_look(position))
        except DBAPIError as error:
            everything = too_long(before, table, error)
            found = []
        changed += _changed(table, known, found, sweep=sweep)
        if has_restarted(before, table):
            changed += vanished(before, spec.start, probe.now)
        position = replace(position, prints=kept(found))
    lookback = format_duration(spec.source.lookback)
    return Detection(
        position=position.dump(),
        as_of=probe.now,
        changed=union(changed),
        everything=everything,
        guarantee="exact" if probe.exact else f"bounded({lookback})",
        restarted=before is not None and has_restarted(before, table),
    )


def _usable(spec: PipelineSpec, table: Table, before: Position) -> Position:
    """Without the anchors if they say nothing any more; the look then reads all rows."""
    stale = before.scope != _scope(spec) or has_restarted(before, table)
    return replace(before, anchors=()) if stale else before


def _scope(spec: PipelineSpec) -> str:
    source = spec.source
    return f"{source.event_time}/{source.key}/{format_duration(source.lookback)}"


def _position(
    spec: PipelineSpec, table: Table, known: Position | None, probe: _Probe, *, sweep: bool
) -> Position:
    # The server may have fallen behind the last sweep by a crash.
    swept = probe.horizon if known is None or sweep else min(known.swept, probe.horizon)
    return Position(
        kind=KIND,
        cluster=table.cluster,
        started=table.started,
        oid=table.oid,
        file=table.file,
        leaves=keep_leaves(table.leaves),
        horizon=probe.horizon,
        swept=swept,
        scope=_scope(spec),
        anchors=keep(known.anchors if known else (), probe.anchor, probe.horizon),
    )


def _search(table: Table, before: Position, *, sweep: bool) -> Search:
    if has_restarted(before, table):
        return since_restart(before.swept if sweep else before.horizon)
    return since_sweep(before) if sweep else since_look(before)


def _changed(table: Table, before: Position, found: list[Bucket], *, sweep: bool) -> list[Interval]:
    every = [minute_interval(bucket.start) for bucket in found]
    if has_restarted(before, table):
        return every  # a row may have another one's place and writer, and so its print
    differ = [minute_interval(bucket) for bucket in differing(before.prints, found)]
    return every + differ if sweep else differ


def _probe(connection: Connection, spec: PipelineSpec, table: Table) -> _Probe:
    fresh = _fresh_key(connection, spec, table)
    activity = connection.execute(ACTIVITY_SQL).one()
    snapshot = connection.execute(SNAPSHOT_SQL).one()
    oldest = activity.now if activity.oldest is None else min(activity.oldest, activity.now)
    # Deeper by the lookback: for updates of recent rows, and for rows that an application dated
    # before its transaction began, where there is no key to find them by.
    floor = (oldest if table.sees_activity else activity.now) - spec.source.lookback
    anchor = Anchor(int(snapshot.xmax), floor.isoformat(), fresh)
    exact = table.sees_activity and fresh is not None
    return _Probe(activity.now, anchor, int(snapshot.xmin), exact)


def _fresh_key(connection: Connection, spec: PipelineSpec, table: Table) -> int | None:
    key = spec.source.key
    if key is None or not table.has_sequence_key(key):
        return None
    name = quoted_table(spec.source.table)
    greatest = connection.execute(text(inline(f"SELECT max({quoted(key)}) FROM {name}"))).scalar()  # noqa: S608 - quoted names
    return (0 if greatest is None else int(greatest)) - KEY_MARGIN


def _incomparable(before: Position, table: Table, probe: _Probe, *, sweep: bool) -> str | None:
    gone = emptied(before, table)
    behind = before.horizon - (FORGOTTEN if has_restarted(before, table) else 0)
    reasons = (
        (before.kind == UNREADABLE, WHY_UNREADABLE),
        (before.cluster != table.cluster, "the source is another cluster, or was restored"),
        (before.kind != KIND or before.oid != table.oid, "the source is another table"),
        (before.file != table.file, "the table was rewritten or truncated"),
        (gone is not None, gone),
        (behind > probe.anchor.xmax, "the source is behind what was folded"),
        (
            probe.anchor.xmax - before.horizon > FARTHEST,
            "the last look is too many transactions ago to compare",
        ),
        (
            sweep and probe.anchor.xmax - before.swept > FARTHEST,
            "the last sweep is too many transactions ago to compare",
        ),
    )
    return next((reason for differs, reason in reasons if differs), None)
