"""Partitions, and children by inheritance: tables whose rows a query of the parent also reads.

Rows come and go with them though no transaction writes a row: a partition is attached full, or
detached, dropped or truncated. So the position keeps each leaf and its storage.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from kpi_pipeline.model.moment import LATEST, MINUTE, Interval, floor_minute
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.postgres.names import inline, quoted, quoted_table

RESOLUTION = timedelta(microseconds=1)
Kept = tuple[tuple[int, int], ...]
"""(oid, file) of each leaf."""

# A partition whose DETACH CONCURRENTLY has begun is no longer read; the column came with 14.
LEAVES_SQL = text("""
WITH RECURSIVE tree (oid) AS (
  SELECT CAST(:oid AS oid)
  UNION
  SELECT i.inhrelid FROM pg_inherits i JOIN tree t ON i.inhparent = t.oid
  WHERE NOT coalesce(CAST(to_jsonb(i) ->> 'inhdetachpending' AS boolean), false)
)
SELECT c.oid::bigint AS oid, coalesce(pg_relation_filenode(c.oid), 0)::bigint AS file,
       c.relkind::text AS kind, c.relpersistence = 'u' AS unlogged,
       n.nspname AS schema, c.relname AS name,
       has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE') AS readable
FROM tree t
JOIN pg_class c ON c.oid = t.oid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid <> :oid AND c.relkind <> 'p'
ORDER BY c.oid
""")
# Asked of one leaf at a time, because it locks the leaf.
SIZE_SQL = text("SELECT coalesce(pg_relation_size(CAST(:leaf AS oid)), 0)")
BOUNDS_SQL = text(r"""
SELECT substring(bound FROM 'FROM \(''([^'']+)''\)') AS low,
       substring(bound FROM 'TO \(''([^'']+)''\)') AS high
FROM pg_class c
JOIN pg_inherits i ON i.inhrelid = c.oid
JOIN pg_partitioned_table p
  ON p.partrelid = i.inhparent AND p.partstrat = 'r' AND p.partnatts = 1
JOIN pg_attribute a
  ON a.attrelid = i.inhparent AND a.attnum = p.partattrs[0] AND a.attname = :time,
LATERAL pg_get_expr(c.relpartbound, c.oid) AS bound
WHERE c.oid = :leaf
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One partition that holds rows itself.

    Attributes:
        file: Changes when it is rewritten or truncated.
        kind: PostgreSQL's relkind.
        unlogged: A crash empties it.
        table: Its quoted name.
        readable: By name; a role that may read the parent need not be allowed to.
    """

    oid: int
    file: int
    kind: str
    unlogged: bool
    table: str
    readable: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """What came and went with leaves.

    Attributes:
        intervals: Where rows came with a new leaf, or may have changed with a rewritten one.
        lost: Why rows may be gone that nobody can name any more; None if there are none such.
    """

    intervals: tuple[Interval, ...] = ()
    lost: str | None = None


def read_leaves(connection: Connection, oid: int) -> tuple[Leaf, ...]:
    """The leaves of a table; none if it is a plain one."""
    return tuple(
        Leaf(
            oid=row.oid,
            file=row.file,
            kind=row.kind,
            unlogged=row.unlogged,
            table=f"{quoted(row.schema)}.{quoted(row.name)}",
            readable=row.readable,
        )
        for row in connection.execute(LEAVES_SQL, {"oid": oid})
    )


def keep_leaves(leaves: Iterable[Leaf]) -> Kept:
    """What the position remembers of them."""
    return tuple((leaf.oid, leaf.file) for leaf in leaves)


def find_moved(
    connection: Connection, spec: PipelineSpec, before: Kept, leaves: Iterable[Leaf]
) -> Moved:
    """Compare the leaves with those of the last look."""
    known = dict(before)
    now = {leaf.oid: leaf for leaf in leaves}
    rewritten = [leaf for oid, leaf in now.items() if known.get(oid, leaf.file) != leaf.file]
    bounds = [_bounds(connection, spec, leaf) for leaf in rewritten]
    if known.keys() - now.keys() or None in bounds:
        return Moved(lost="a partition was detached, dropped, rewritten or truncated")
    extents = [_extent(connection, spec, now[oid]) for oid in now.keys() - known.keys()]
    start = floor_minute(spec.start)
    parts = (item.clip(start, LATEST) for item in (*bounds, *extents) if item is not None)
    return Moved(tuple(part for part in parts if part is not None))


def _extent(connection: Connection, spec: PipelineSpec, leaf: Leaf) -> Interval | None:
    if not connection.execute(SIZE_SQL, {"leaf": leaf.oid}).scalar():
        return None
    time = inline(quoted(spec.source.event_time))
    # Through the parent all leaves are read, but its readers need no other privilege.
    name = inline(leaf.table if leaf.readable else quoted_table(spec.source.table))
    within = f"{time} >= :start AND {time} < :latest AND tableoid = CAST(:leaf AS oid)"
    bounds = {"start": spec.start, "latest": LATEST, "leaf": leaf.oid}
    ends = text(f"SELECT min({time}), max({time}) FROM {name} WHERE {within}")  # noqa: S608 - quoted names
    oldest, newest = connection.execute(ends, bounds).one()
    return Interval(floor_minute(oldest), floor_minute(newest) + MINUTE) if oldest else None


def _bounds(connection: Connection, spec: PipelineSpec, leaf: Leaf) -> Interval | None:
    """Where its rows lie, if it is one of ranges of the event time, both ends of which are told.

    None also for what Python cannot hold, such as infinity.
    """
    asked = {"leaf": leaf.oid, "time": spec.source.event_time}
    found = connection.execute(BOUNDS_SQL, asked).one_or_none()
    if found is None or found.low is None or found.high is None:
        return None
    with suppress(ValueError):
        low, high = datetime.fromisoformat(found.low), datetime.fromisoformat(found.high)
        return Interval(floor_minute(low), floor_minute(high - RESOLUTION) + MINUTE)
    return None
