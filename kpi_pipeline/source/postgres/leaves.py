"""Partitions, and children by inheritance: tables whose rows a query of the parent also reads.

Rows come and go with them though no transaction writes a row: a partition is attached full, or
detached, dropped or truncated. So the position keeps each leaf and its storage.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from kpi_pipeline.model.moment import LATEST, MINUTE, Interval, floor_minute, utc
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.postgres.names import inline, quoted, quoted_table

Kept = tuple[tuple[int, int], ...]
"""(oid, file) of each leaf."""

# A partition whose DETACH CONCURRENTLY has begun is no longer read; the column came with 14.
# Its bounds are told where its parent is split by ranges of the event time alone.
LEAVES_SQL = text(r"""
WITH RECURSIVE tree (oid, parent) AS (
  SELECT CAST(:oid AS oid), CAST(NULL AS oid)
  UNION
  SELECT i.inhrelid, i.inhparent FROM pg_inherits i JOIN tree t ON i.inhparent = t.oid
  WHERE NOT coalesce(CAST(to_jsonb(i) ->> 'inhdetachpending' AS boolean), false)
)
SELECT c.oid::bigint AS oid, coalesce(pg_relation_filenode(c.oid), 0)::bigint AS file,
       c.relkind::text AS kind, c.relpersistence = 'u' AS unlogged,
       n.nspname AS schema, c.relname AS name,
       has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE') AS readable,
       coalesce(pg_relation_size(c.oid), 0) = 0 AS empty,
       substring(bound.def FROM 'FROM \(''([^'']+)''\)') AS low,
       substring(bound.def FROM 'TO \(''([^'']+)''\)') AS high
FROM tree t
JOIN pg_class c ON c.oid = t.oid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_partitioned_table p
  ON p.partrelid = t.parent AND p.partstrat = 'r' AND p.partnatts = 1
LEFT JOIN pg_attribute a
  ON a.attrelid = t.parent AND a.attnum = p.partattrs[0] AND a.attname = :time
LEFT JOIN LATERAL (
  SELECT pg_get_expr(c.relpartbound, c.oid) AS def WHERE a.attname IS NOT NULL
) AS bound ON true
WHERE t.parent IS NOT NULL AND c.relkind <> 'p'
ORDER BY c.oid
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One partition that holds rows itself.

    Attributes:
        file: Changes when it is rewritten or truncated.
        kind: PostgreSQL's relkind.
        unlogged: A crash empties it.
        readable: By name; a role that may read the parent need not be allowed to.
        empty: Holds no rows for sure.
        bounds: Where the catalog says that its rows lie; None if it does not.
    """

    oid: int
    file: int
    kind: str
    unlogged: bool
    table: str
    readable: bool
    empty: bool
    bounds: Interval | None


def read_leaves(connection: Connection, oid: int, time: str) -> tuple[Leaf, ...]:
    """The leaves of a table by event time column; none if it is a plain one."""
    rows = connection.execute(LEAVES_SQL, {"oid": oid, "time": time})
    return tuple(
        Leaf(
            oid=row.oid,
            file=row.file,
            kind=row.kind,
            unlogged=row.unlogged,
            table=f"{quoted(row.schema)}.{quoted(row.name)}",
            readable=row.readable,
            empty=row.empty,
            bounds=_bounds(row.low, row.high),
        )
        for row in rows
    )


def keep_leaves(leaves: Iterable[Leaf]) -> Kept:
    """What the position remembers of them."""
    return tuple((leaf.oid, leaf.file) for leaf in leaves)


def lost(before: Kept, leaves: Iterable[Leaf]) -> str | None:
    """Why rows are gone that nobody can name any more; None if there are none such."""
    now = {leaf.oid: leaf for leaf in leaves}
    for oid, file in before:
        leaf = now.get(oid)
        if leaf is None or (leaf.file != file and leaf.bounds is None):
            return "a partition was detached, dropped, rewritten or truncated"
    return None


def moved(
    connection: Connection, spec: PipelineSpec, before: Kept, leaves: Iterable[Leaf]
) -> list[Interval]:
    """Where rows came with a new leaf, or may have come and gone with a leaf's new storage."""
    known = dict(before)
    found = []
    for leaf in leaves:
        if leaf.oid in known and known[leaf.oid] != leaf.file and leaf.bounds is not None:
            found.append(leaf.bounds.clip(floor_minute(spec.start), LATEST))
        elif leaf.oid not in known and not leaf.empty:
            found.append(_extent(connection, spec, leaf))
    return [interval for interval in found if interval is not None]


def _extent(connection: Connection, spec: PipelineSpec, leaf: Leaf) -> Interval | None:
    time = inline(quoted(spec.source.event_time))
    # Through the parent all leaves are read, but its readers need no other privilege.
    name = inline(leaf.table if leaf.readable else quoted_table(spec.source.table))
    within = f"{time} >= :start AND {time} < :latest AND tableoid = CAST(:leaf AS oid)"
    bounds = {"start": spec.start, "latest": LATEST, "leaf": leaf.oid}
    ends = text(f"SELECT min({time}), max({time}) FROM {name} WHERE {within}")  # noqa: S608 - quoted names
    oldest, newest = connection.execute(ends, bounds).one()
    return Interval(floor_minute(oldest), floor_minute(newest) + MINUTE) if oldest else None


def _bounds(low: str | None, high: str | None) -> Interval | None:
    """None also for what Python cannot hold, such as infinity."""
    if low is None or high is None:
        return None
    with suppress(ValueError):
        return _whole_minutes(datetime.fromisoformat(low), datetime.fromisoformat(high))
    return None


def _whole_minutes(low: datetime, high: datetime) -> Interval:
    end = floor_minute(high)
    return Interval(floor_minute(low), end if end == utc(high) else end + MINUTE)
