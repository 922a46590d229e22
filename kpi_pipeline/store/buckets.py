"""Replace buckets: out with what they held, in with what the source says."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from kpi_pipeline.compute.calendar import days_in
from kpi_pipeline.compute.groups import Group, largest_first, united
from kpi_pipeline.compute.partial import Partial
from kpi_pipeline.compute.retention import Retention
from kpi_pipeline.model.batch import Aggregate, Grain
from kpi_pipeline.model.moment import Interval
from kpi_pipeline.store.dictionary import Dictionary
from kpi_pipeline.store.rollup import roll_day

# One statement a span: joined to an array of spans, the planner reads the whole table.
CLEAR_SQL = text("""
DELETE FROM kpi.partial
WHERE pipeline_id = :id AND grain = :grain AND bucket >= :start AND bucket < :end
""")
INSERT_SQL = text("""
INSERT INTO kpi.partial (pipeline_id, grain, bucket, series_id, rows, n, total, low, high, members)
SELECT :id, :grain, * FROM unnest(
  CAST(:buckets AS timestamptz[]), CAST(:series AS int[]), CAST(:rows AS bigint[]),
  CAST(:ns AS bigint[]), CAST(:totals AS numeric[]), CAST(:lows AS numeric[]),
  CAST(:highs AS numeric[]), CAST(:members AS bytea[]))
""")
FORGET_SQL = text("""
DELETE FROM kpi.partial WHERE pipeline_id = :id AND grain = 'm' AND bucket < :before
""")


class Buckets:
    """The partials of one pipeline, within one transaction."""

    def __init__(self, connection: Connection, id_: int, dictionary: Dictionary) -> None:
        self.connection = connection
        self.id = id_
        self.dictionary = dictionary

    def replace(
        self, grain: Grain, spans: Sequence[Interval], aggregates: Sequence[Aggregate]
    ) -> None:
        """Put the aggregates in the place of everything in the spans."""
        self._clear(grain, spans)
        if not aggregates:
            return
        partials = self._partials(aggregates)
        series = self.dictionary.series_ids({group for _, group in partials})
        found = partials.values()
        columns = {
            "buckets": [bucket for bucket, _ in partials],
            "series": [series[group] for _, group in partials],
            "rows": [partial.rows for partial in found],
            "ns": [partial.n for partial in found],
            "totals": [partial.total for partial in found],
            "lows": [partial.low for partial in found],
            "highs": [partial.high for partial in found],
            "members": [partial.members for partial in found],
        }
        self.connection.execute(INSERT_SQL, {"id": self.id, "grain": grain.value, **columns})

    def roll(self, touched: tuple[Interval, ...], since: datetime | None, kept: Retention) -> None:
        """Derive the day buckets of touched days, and of days that have ended, from minutes."""
        ended = (Interval(since, kept.today),) if since and since < kept.today else ()
        past = (part for t in touched if (part := t.clip(t.start, kept.today)) is not None)
        for day in days_in((*past, *ended), kept.zone):
            self._clear(Grain.DAY, (day,))
            roll_day(self.connection, self.id, day)

    def forget_minutes(self, before: datetime) -> None:
        """Drop minute buckets that have left retention; their days stay."""
        self.connection.execute(FORGET_SQL, {"id": self.id, "before": before})

    def _clear(self, grain: Grain, spans: Sequence[Interval]) -> None:
        for span in spans:
            ends = {"start": span.start, "end": span.end}
            self.connection.execute(CLEAR_SQL, {"id": self.id, "grain": grain.value, **ends})

    def _partials(self, aggregates: Sequence[Aggregate]) -> dict[tuple[datetime, Group], Partial]:
        """By bucket and group; several groups of the source may share one here."""
        places = self.dictionary.places(largest_first(aggregates))
        encoded = self.dictionary.encode([a.members for a in aggregates])
        return united(
            (
                (a.bucket, places[a.metric, a.dims]),
                Partial(rows=a.rows, n=a.n, total=a.total, low=a.low, high=a.high, members=sets),
            )
            for a, sets in zip(aggregates, encoded, strict=True)
        )
