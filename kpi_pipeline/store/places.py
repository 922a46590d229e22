"""Partials by place: as the state holds them, and as the source gives them."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Connection, text

from kpi_pipeline.compute.difference import Partials, Place
from kpi_pipeline.compute.partial import Partial, merge
from kpi_pipeline.model.batch import Aggregate, Grain
from kpi_pipeline.model.moment import Interval

# One statement a span: joined to an array of spans, the planner reads the whole table.
STORED_SQL = text("""
SELECT p.bucket, s.metric, s.definition, s.dims, p.rows, p.n, p.total, p.low, p.high, p.members
FROM kpi.partial p JOIN kpi.series s ON s.id = p.series_id
WHERE p.pipeline_id = :id AND p.grain = :grain AND p.bucket >= :start AND p.bucket < :end
""")

Encode = Callable[[Sequence[tuple[str, ...] | None]], list[bytes | None]]
"""Turns sets of values into encoded sets of ids."""


def stored(
    connection: Connection,
    id_: int,
    definitions: Mapping[str, str],
    grain: Grain,
    spans: Sequence[Interval],
) -> Partials:
    """What the buckets in the spans hold of the present definitions."""
    found: Partials = {}
    for span in spans:
        wanted = {"id": id_, "grain": grain.value, "start": span.start, "end": span.end}
        for row in connection.execute(STORED_SQL, wanted):
            if definitions.get(row.metric) == row.definition:
                place = Place(grain, row.bucket, row.metric, tuple(row.dims))
                found[place] = Partial(
                    rows=row.rows,
                    n=row.n,
                    total=row.total,
                    low=row.low,
                    high=row.high,
                    members=None if row.members is None else bytes(row.members),
                )
    return found


def placed(grain: Grain, aggregates: Sequence[Aggregate], encode: Encode) -> Partials:
    """Aggregates as partials, each at its place."""
    found: Partials = {}
    sets = encode([item.members for item in aggregates])
    for item, members in zip(aggregates, sets, strict=True):
        place = Place(grain, item.bucket, item.metric, item.dims)
        new = Partial(
            rows=item.rows,
            n=item.n,
            total=item.total,
            low=item.low,
            high=item.high,
            members=members,
        )
        found[place] = merge(found[place], new) if place in found else new
    return found
