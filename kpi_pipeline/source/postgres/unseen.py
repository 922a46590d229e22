"""The query for unseen rows: minute buckets that hold rows of a transaction and later ones."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from kpi_pipeline.model.moment import LATEST
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.postgres.catalog import Table
from kpi_pipeline.source.postgres.names import inline, minute_of, quoted, quoted_table
from kpi_pipeline.source.postgres.position import Position


@dataclass(frozen=True, slots=True)
class Search:
    """Which rows to look for.

    Attributes:
        horizon: Of transactions with this id or a later one.
        floor: Not dated before (ISO-8601), unless their key is fresh; None to read all rows.
        fresh_key: Keys above this are fresh; None if keys tell nothing.
    """

    horizon: int
    floor: str | None = None
    fresh_key: int | None = None


def since_look(before: Position) -> Search:
    """For rows that the last look did not see, only where such rows can be."""
    reach = before.reach()
    if reach is None:
        return Search(before.horizon)
    return Search(before.horizon, reach.floor, reach.fresh_key)


def since_sweep(before: Position) -> Search:
    """For rows that neither the last sweep nor any look since then could see, wherever they are."""
    return Search(before.swept)


def find(
    connection: Connection, spec: PipelineSpec, table: Table, search: Search
) -> list[datetime]:
    """The minute buckets that hold such rows."""
    floor = search.floor and datetime.fromisoformat(search.floor) - timedelta(seconds=1)
    bounds = {
        "horizon": str(search.horizon % 2**32),
        "floor": floor,
        "start": spec.start,
        "latest": LATEST,
        "fresh": search.fresh_key,
    }
    found = connection.execute(text(_find_sql(spec, table, search)), bounds)
    return list(found.scalars())


def _find_sql(spec: PipelineSpec, table: Table, search: Search) -> str:
    """UNION, not OR: an OR over two indexes reads the whole table."""
    time = inline(quoted(spec.source.event_time))
    bucket = minute_of(time, table.version)
    unseen = "age(xmin) <= age(CAST(CAST(:horizon AS text) AS xid))"
    within = f"{time} >= :start AND {time} < :latest AND {unseen}"
    head = f"SELECT {bucket} FROM {inline(quoted_table(spec.source.table))} WHERE {within}"  # noqa: S608 - quoted names
    if search.floor is None:
        return f"{head} GROUP BY 1"
    branches = [f"{head} AND {time} >= :floor"]
    if search.fresh_key is not None and spec.source.key is not None:
        branches.append(f"{head} AND {inline(quoted(spec.source.key))} > :fresh")
    return " UNION ".join(branches)
