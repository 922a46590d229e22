"""Partials by place: as the state holds them, and as the source gives them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, text

from kpi_pipeline.compute.difference import Partials, Place
from kpi_pipeline.compute.groups import Group, united
from kpi_pipeline.compute.partial import Partial
from kpi_pipeline.model.batch import Aggregate, Grain
from kpi_pipeline.model.moment import Interval

# One statement a span: joined to an array of spans, the planner reads the whole table.
STORED_SQL = text("""
SELECT p.bucket, s.metric, s.definition, s.dims, p.rows, p.n, p.total, p.low, p.high, p.sketch
FROM kpi.partial p JOIN kpi.series s ON s.id = p.series_id
WHERE p.pipeline_id = :id AND p.grain = :grain AND p.bucket >= :start AND p.bucket < :end
  AND s.metric = ANY(CAST(:metrics AS text[]))
""")


class Stored(NamedTuple):
    """What buckets hold.

    Attributes:
        partials: Of the present definitions.
        outdated: Whether there is something of other definitions.
    """

    partials: Partials
    outdated: bool


def stored(
    connection: Connection,
    id_: int,
    definitions: Mapping[str, str],
    grain: Grain,
    spans: Sequence[Interval],
    metrics: frozenset[str] | None = None,
) -> Stored:
    """What the buckets in the spans hold of the metrics; None means all that are declared."""
    names = sorted(definitions if metrics is None else metrics)
    wanted = {"id": id_, "grain": grain.value, "metrics": names}
    found: Partials = {}
    outdated = False
    for span in spans:
        ends = {"start": span.start, "end": span.end}
        for row in connection.execute(STORED_SQL, wanted | ends):
            if definitions.get(row.metric) != row.definition:
                outdated = True
            else:
                place = Place(grain, row.bucket, row.metric, tuple(row.dims))
                found[place] = Partial(
                    rows=row.rows,
                    n=row.n,
                    total=row.total,
                    low=row.low,
                    high=row.high,
                    sketch=None if row.sketch is None else bytes(row.sketch),
                )
    return Stored(found, outdated)


def placed(
    grain: Grain,
    aggregates: Sequence[Aggregate],
    places: Mapping[Group, Group],
    sketches: Sequence[bytes | None],
) -> Partials:
    """Aggregates as partials, each at its place; several of the source's groups may share one.

    Args:
        grain: Of all of them.
        aggregates: As the source gave them.
        places: The group that each group is summed in.
        sketches: Of each aggregate, encoded.
    """
    return united(
        (
            Place(grain, item.bucket, *places[item.metric, item.dims]),
            Partial(
                rows=item.rows,
                n=item.n,
                total=item.total,
                low=item.low,
                high=item.high,
                sketch=sketch,
            ),
        )
        for item, sketch in zip(aggregates, sketches, strict=True)
    )
