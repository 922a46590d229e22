"""The query for unseen rows: minute buckets that hold rows of a transaction and later ones."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection, text

from kpi_pipeline.model.moment import LATEST
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.position import Position
from kpi_pipeline.source.postgres.catalog import Table
from kpi_pipeline.source.postgres.names import inline, minute_of, quoted, quoted_table

ROW_HASH = "hashtidextended(ctid, hashtextextended(CAST(xmin AS text), CAST(tableoid AS bigint)))"
"""Of a row version: its place, its writer, its partition. Sums do not depend on the order."""


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

    def bounds(self, prefix: str) -> dict[str, object]:
        """As bind parameters."""
        floor = self.floor and datetime.fromisoformat(self.floor) - timedelta(seconds=1)
        horizon = str(self.horizon % 2**32)
        return {
            f"{prefix}_horizon": horizon,
            f"{prefix}_floor": floor,
            f"{prefix}_fresh": self.fresh_key,
        }


@dataclass(frozen=True, slots=True)
class Bucket:
    """A minute bucket that holds such rows.

    Attributes:
        print: Fingerprint of those rows.
        kept: Fingerprint of those among them that the next look would find too; '' if none.
    """

    start: datetime
    print: str
    kept: str


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
    connection: Connection, spec: PipelineSpec, table: Table, search: Search, later: Search
) -> list[Bucket]:
    """The minute buckets that hold the rows looked for.

    Args:
        connection: To the source.
        spec: Of the pipeline.
        table: What the catalog says.
        search: What to look for now.
        later: What the next look is going to look for.
    """
    bounds = {"start": spec.start, "latest": LATEST, **search.bounds("now"), **later.bounds("next")}
    found = connection.execute(text(_find_sql(spec, table, search, later)), bounds)
    return [Bucket(row.bucket, _hexadecimal(row.print), _hexadecimal(row.kept)) for row in found]


def _hexadecimal(total: Decimal | None) -> str:
    return "" if total is None else f"{int(total) % 2**64:016x}"


def _find_sql(spec: PipelineSpec, table: Table, search: Search, later: Search) -> str:
    """Two branches, not OR: an OR over two indexes reads the whole table. They are disjoint."""
    time = inline(quoted(spec.source.event_time))
    key = inline(quoted(spec.source.key)) if spec.source.key else ""
    columns = (
        f"{minute_of(time, table.version)} AS bucket, {ROW_HASH} AS hash, "
        f"{'true' if later == search else _later(later, time, key)} AS stays"
    )
    within = f"{time} >= :start AND {time} < :latest AND {_written_since('now')}"
    head = f"SELECT {columns} FROM {inline(quoted_table(spec.source.table))} WHERE {within}"  # noqa: S608 - quoted names
    branches = [head if search.floor is None else f"{head} AND {time} >= :now_floor"]
    if search.floor is not None and search.fresh_key is not None and key:
        branches.append(f"{head} AND {time} < :now_floor AND {key} > :now_fresh")
    rows = " UNION ALL ".join(branches)
    kept = "sum(hash) FILTER (WHERE stays) AS kept"
    return f"SELECT bucket, sum(hash) AS print, {kept} FROM ({rows}) AS unseen GROUP BY bucket"  # noqa: S608 - quoted names


def _later(later: Search, time: str, key: str) -> str:
    """Whether the next look would find a row again."""
    if later.floor is None:
        return _written_since("next")
    fresh = f" OR {key} > :next_fresh" if later.fresh_key is not None and key else ""
    return f"({_written_since('next')} AND ({time} >= :next_floor{fresh}))"


def _written_since(prefix: str) -> str:
    """Frozen rows of more than 2^31 transactions ago have a negative age.

    The subquery is worked out once; without it the horizon's age is, for every row.
    """
    horizon = f"(SELECT age(CAST(CAST(:{prefix}_horizon AS text) AS xid)))"
    return f"(age(xmin) <= {horizon} AND age(xmin) >= 0)"
