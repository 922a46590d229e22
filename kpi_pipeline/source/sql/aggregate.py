"""Aggregate a slice in the source: few partial rows travel, no row by row Python."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Connection

from kpi_pipeline.compute.partial import Partial, merge
from kpi_pipeline.model.batch import Aggregate, Batch, Dims, Slice
from kpi_pipeline.model.errors import MetricError
from kpi_pipeline.model.metric import Aggregation, SimpleMetric
from kpi_pipeline.source.declared import Question, questions
from kpi_pipeline.source.sql.buckets import Buckets
from kpi_pipeline.source.sql.statements import Statement, Statements

Key = tuple[datetime, str, Dims]
Row = dict[str, Any]


def aggregate(
    connection: Connection, statements: Statements, piece: Slice, as_of: datetime
) -> Batch:
    """Aggregate minutes and days of a slice; the connection must hold one snapshot."""
    spec, clock = statements.spec, statements.time.clock
    reader = _Reader(connection, statements, as_of, piece.metrics)
    minutes = reader.read(Buckets(clock, piece.minutes, spec.start, None))
    days = reader.read(Buckets(clock, piece.days, spec.start, spec.timezone))
    return Batch(minutes=minutes, days=days, rows=reader.rows, newest=reader.newest)


class _Reader:
    """Runs every question over some buckets and sums up what it saw."""

    def __init__(
        self,
        connection: Connection,
        statements: Statements,
        as_of: datetime,
        metrics: frozenset[str] | None,
    ) -> None:
        self.connection = connection
        self.statements = statements
        self.as_of = as_of
        self.now = _naive(as_of) + statements.time.clock.offsets(as_of)[1]
        self.questions = questions(statements.spec, metrics)
        self.rows = 0
        self.newest: datetime | None = None

    def read(self, buckets: Buckets) -> list[Aggregate]:
        """Several groups of the database may be one bucket, so contributions are merged."""
        if not buckets.intervals:
            return []
        partials: dict[Key, Partial] = {}
        members: dict[Key, set[str]] = defaultdict(set)
        bins: dict[Key, Counter[int]] = defaultdict(Counter)
        for question in self.questions:
            self._ask(question, buckets, partials)
            for metric in question.metrics:
                if metric.agg is Aggregation.COUNT_DISTINCT:
                    self._ask_members(metric, buckets, members)
                elif metric.agg is Aggregation.PERCENTILE:
                    self._ask_bins(metric, buckets, bins)
        return [
            _aggregate(key, partial, members.get(key), bins.get(key))
            for key, partial in partials.items()
        ]

    def _ask(self, question: Question, buckets: Buckets, partials: dict[Key, Partial]) -> None:
        asked = (buckets.length, buckets.intervals, self.now)
        for row in self._run(self.statements.aggregates(question, *asked)):
            self.statements.time.check(row)
            bucket = buckets.bucket(row["bucket"])
            if bucket is None:
                continue
            if not question.group_by:
                self._count(row["rows"], row["newest"])
            dims = _dims(row, question.group_by)
            for i, metric in enumerate(question.metrics):
                if row[f"rows_{i}"]:
                    key = (bucket, metric.name, dims)
                    one, before = _partial(row, i, metric), partials.get(key)
                    partials[key] = one if before is None else merge(before, one)

    def _ask_members(
        self, metric: SimpleMetric, buckets: Buckets, members: dict[Key, set[str]]
    ) -> None:
        for row in self._run(self.statements.members(metric, buckets.length, buckets.intervals)):
            bucket = buckets.bucket(row["bucket"])
            if bucket is not None:
                key = (bucket, metric.name, _dims(row, metric.group_by))
                members[key].add(shown_text(row["member"]))

    def _ask_bins(
        self, metric: SimpleMetric, buckets: Buckets, bins: dict[Key, Counter[int]]
    ) -> None:
        for row in self._run(self.statements.bins(metric, buckets.length, buckets.intervals)):
            bucket = buckets.bucket(row["bucket"])
            if bucket is not None:
                key = (bucket, metric.name, _dims(row, metric.group_by))
                bins[key][int(_present(row["bin"], metric))] += row["n"]

    def _run(self, statement: Statement) -> Iterator[Row]:
        """Rows as plain dicts: a look for a column that is not there costs a row mapping much."""
        found = self.connection.execute(statement)
        names = tuple(found.keys())
        return (dict(zip(names, row, strict=True)) for row in found)

    def _count(self, rows: int, newest: str | None) -> None:
        self.rows += rows
        if newest is None:
            return
        moment = min(self.statements.time.clock.read(newest), self.as_of)
        self.newest = moment if self.newest is None else max(self.newest, moment)


def _partial(row: Row, i: int, metric: SimpleMetric) -> Partial:
    return Partial(
        rows=row[f"rows_{i}"],
        n=row[f"n_{i}"],
        total=_number(row.get(f"total_{i}"), metric),
        low=_number(row.get(f"low_{i}"), metric),
        high=_number(row.get(f"high_{i}"), metric),
    )


def _aggregate(
    key: Key, partial: Partial, members: set[str] | None, bins: Counter[int] | None
) -> Aggregate:
    bucket, metric, dims = key
    return Aggregate(
        bucket=bucket,
        metric=metric,
        dims=dims,
        rows=partial.rows,
        n=partial.n,
        total=partial.total,
        low=partial.low,
        high=partial.high,
        members=None if members is None else tuple(sorted(members)),
        bins=bins,
    )


def _number(value: Any, metric: SimpleMetric) -> Decimal | None:  # noqa: ANN401 - a driver's value
    """Through text: the digits that the database shows, not what a float hides behind them."""
    return None if value is None else _present(value, metric)


def _present(value: Any, metric: SimpleMetric) -> Decimal:  # noqa: ANN401 - a driver's value
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise MetricError(
            f"metrics.{metric.name}.expr: {str(value)[:40]!r} is not a number; "
            f"agg {metric.agg.value} needs numbers",
            metric.name,
        ) from None


def _dims(row: Row, group_by: tuple[str, ...]) -> Dims:
    values = (row[f"d{i}"] for i in range(len(group_by)))
    return tuple(None if value is None else shown_text(value) for value in values)


def shown_text(value: str | bytes) -> str:
    """Bytes that are no text stay distinct; a NUL, which the state cannot hold, is shown."""
    text = value.decode(errors="backslashreplace") if isinstance(value, bytes) else value
    return text.replace("\x00", "\\x00")


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
