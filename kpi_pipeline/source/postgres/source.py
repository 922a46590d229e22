"""The PostgreSQL source behind the `Source` port."""

from datetime import datetime

from sqlalchemy import text

from kpi_pipeline.model.batch import Batch, Detection, Slice, SourceReport
from kpi_pipeline.model.moment import LATEST, MINUTE, Interval, floor_minute
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.position import load_position
from kpi_pipeline.source.postgres import horizon, lookback
from kpi_pipeline.source.postgres.aggregate import aggregate
from kpi_pipeline.source.postgres.catalog import Table, read_table
from kpi_pipeline.source.postgres.connection import connect_engine, reading
from kpi_pipeline.source.postgres.index import create_index
from kpi_pipeline.source.postgres.names import inline, quoted, quoted_table
from kpi_pipeline.source.postgres.undated import count_undated


class PostgresSource:
    """Reads one declared table; keeps one connection, and what a look saw for one read.

    A table that changes between a look and the read after it shows in the next look, which then
    has everything folded again.
    """

    def __init__(self, spec: PipelineSpec, url: str) -> None:
        self.spec = spec
        self.engine = connect_engine(url, spec.name)
        self._looked: Table | None = None

    def detect(self, position: str | None, *, sweep: bool = False) -> Detection:
        """Find the minute buckets that may hold rows not seen at `position`, or at its sweep."""
        before = None if position is None else load_position(position)
        with reading(self.engine, one_snapshot=False) as connection:
            table = self._looked = read_table(connection, self.spec)
            if table.has_horizon:
                return horizon.detect(connection, self.spec, table, before, sweep=sweep)
            return lookback.detect(connection, self.spec, table, before)

    def aggregate(self, piece: Slice, as_of: datetime) -> Batch:
        """Aggregate the buckets of a slice, all in one snapshot of the source."""
        if not piece.intervals:
            return Batch(minutes=(), days=(), rows=0, newest=None)
        with reading(self.engine, one_snapshot=True) as connection:
            # One read only: an audit makes many after one look, and may take hours.
            table, self._looked = self._looked or read_table(connection, self.spec), None
            return aggregate(connection, self.spec, table, piece, as_of)

    def extent(self) -> Interval | None:
        """From the oldest to just past the newest row since the declared start."""
        time = inline(quoted(self.spec.source.event_time))
        name = inline(quoted_table(self.spec.source.table))
        within = f"{time} >= :start AND {time} < :latest"
        ends = text(f"SELECT min({time}), max({time}) FROM {name} WHERE {within}")  # noqa: S608
        with reading(self.engine, one_snapshot=False) as connection:
            bounds = {"start": self.spec.start, "latest": LATEST}
            oldest, newest = connection.execute(ends, bounds).one()
        return Interval(floor_minute(oldest), floor_minute(newest) + MINUTE) if oldest else None

    def close(self) -> None:
        """Close every connection; the next use opens another."""
        self.engine.dispose()

    def inspect(self) -> SourceReport:
        """Look at the table itself: what is missing, what no bucket can hold."""
        with reading(self.engine, one_snapshot=False) as connection:
            table = read_table(connection, self.spec)
            indexed = self.spec.source.event_time in table.indexed
            # Without an index this would read the whole table at every tick.
            count = count_undated(connection, self.spec) if indexed else 0
        return SourceReport(warnings=tuple(_warnings(self.spec, table)), undated=count)


def _warnings(spec: PipelineSpec, table: Table) -> list[str]:
    time, name = spec.source.event_time, spec.source.table
    found = []
    if not table.has_horizon:
        found.append(
            f"{name} is a view or foreign table, whose rows do not tell who wrote them: changes "
            f"older than the lookback are not seen. Name the table itself if you can."
        )
    elif time not in table.indexed:
        found.append(
            f"{name} has no index on {time}, so every look reads the whole table: "
            f"{create_index(spec, table, time)}"
        )
    key = spec.source.key
    if table.has_horizon and (key is None or not table.has_sequence_key(key)):
        found.append(
            f"{_keyless(spec, table)}, so rows that are dated more than the lookback "
            "before their transaction are not seen: name an indexed whole-number key as source.key "
            "if there is one."
        )
    if table.has_horizon and not table.sees_activity:
        found.append(
            "this role cannot see when others' transactions began, so the guarantee is bounded: "
            "GRANT pg_read_all_stats TO its user; on a standby, read the primary."
        )
    return found


def _keyless(spec: PipelineSpec, table: Table) -> str:
    key = spec.source.key
    if key is None:
        return f"{spec.source.table} has no indexed whole-number key declared"
    return f"source.key {key} is {table.columns[key]} and no indexed whole number of a plain table"
