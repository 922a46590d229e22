"""Replace buckets: out with what they held, in with what the source says.

Only what differs is written: folding a year again that has not changed leaves the table, its
indexes and its backups alone.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

import psycopg
from sqlalchemy import Connection, text

from kpi_pipeline.compute.difference import Difference, Partials, Place, differences
from kpi_pipeline.compute.groups import largest_first
from kpi_pipeline.compute.statistic import sketch
from kpi_pipeline.model.batch import Aggregate, Grain
from kpi_pipeline.model.moment import Interval
from kpi_pipeline.store.dictionary import Dictionary
from kpi_pipeline.store.places import placed, stored

OUTDATED_SQL = text("""
DELETE FROM kpi.partial p USING kpi.series s
WHERE s.id = p.series_id AND p.pipeline_id = :id AND p.grain = :grain
  AND p.bucket >= :start AND p.bucket < :end AND s.metric = ANY(CAST(:metrics AS text[]))
  AND (s.metric, s.definition) NOT IN (SELECT * FROM unnest(
    CAST(:metrics AS text[]), CAST(:definitions AS text[])))
""")
DELETE_SQL = text("""
DELETE FROM kpi.partial p
USING unnest(CAST(:buckets AS timestamptz[]), CAST(:series AS int[])) AS gone(bucket, series_id)
WHERE p.pipeline_id = :id AND p.grain = :grain
  AND p.bucket = gone.bucket AND p.series_id = gone.series_id
""")
WRITE_SQL = text("""
INSERT INTO kpi.partial
  (pipeline_id, grain, bucket, series_id, rows, n, total, low, high, sketch, value)
SELECT :id, :grain, * FROM unnest(
  CAST(:buckets AS timestamptz[]), CAST(:series AS int[]), CAST(:rows AS bigint[]),
  CAST(:ns AS bigint[]), CAST(:totals AS numeric[]), CAST(:lows AS numeric[]),
  CAST(:highs AS numeric[]), CAST(:sketches AS bytea[]), CAST(:values AS numeric[]))
ON CONFLICT (pipeline_id, grain, bucket, series_id) DO UPDATE SET
  rows = excluded.rows, n = excluded.n, total = excluded.total,
  low = excluded.low, high = excluded.high, sketch = excluded.sketch, value = excluded.value
""")
COPY_SQL = """
COPY kpi.partial
  (pipeline_id, grain, bucket, series_id, rows, n, total, low, high, sketch, value) FROM STDIN
"""
ARRAYS = ("buckets", "series", "rows", "ns", "totals", "lows", "highs", "sketches", "values")
MANY = 200
"""Rows from which on COPY is faster."""
FORGET_SQL = text("""
DELETE FROM kpi.partial
WHERE pipeline_id = :id AND grain IN ('m', 'h') AND bucket < :before
""")


class Buckets:
    """The partials of one pipeline, within one transaction."""

    def __init__(self, connection: Connection, id_: int, dictionary: Dictionary) -> None:
        self.connection = connection
        self.id = id_
        self.dictionary = dictionary

    def replace(
        self,
        grain: Grain,
        spans: Sequence[Interval],
        aggregates: Sequence[Aggregate],
        metrics: frozenset[str] | None = None,
    ) -> list[Difference]:
        """Put the aggregates in the place of all that the spans hold; return what changed.

        Args:
            grain: Of all of them.
            spans: Whole buckets.
            aggregates: As the source gave them.
            metrics: Whose partials are replaced, none but theirs; None means all declared.
        """
        known = self.dictionary.definitions
        held = stored(self.connection, self.id, known, grain, spans, metrics)
        if held.outdated:
            self._outdated(grain, spans, known if metrics is None else metrics)
        places = self.dictionary.places(largest_first(aggregates))
        sketches = self.dictionary.encode(aggregates)
        after = placed(grain, aggregates, places, sketches)
        changed = differences(held.partials, after)
        self._delete(grain, [item.place for item in changed if item.place not in after])
        written = {i.place: i.after for i in changed if i.place in after}
        self._write(grain, {p: part for p, part in written.items() if p in held.partials})
        self._add(grain, {p: part for p, part in written.items() if p not in held.partials})
        return changed

    def forget_minutes(self, before: datetime) -> None:
        """Drop minutes and hours that have left retention; their days stay."""
        self.connection.execute(FORGET_SQL, {"id": self.id, "before": before})

    def _add(self, grain: Grain, partials: Partials) -> None:
        """Write what has no row yet; many by COPY, which takes a fraction of the time."""
        if len(partials) < MANY:
            self._write(grain, partials)
            return
        rows = list(self._rows(partials))  # makes ids: nothing else may be asked during a COPY
        with self._cursor() as cursor, cursor.copy(COPY_SQL) as copy:
            for row in rows:
                copy.write_row((self.id, grain.value, *row))

    def _write(self, grain: Grain, partials: Partials) -> None:
        if partials:
            columns = zip(*self._rows(partials), strict=True)
            arrays = dict(zip(ARRAYS, map(list, columns), strict=True))
            self.connection.execute(WRITE_SQL, {"id": self.id, "grain": grain.value, **arrays})

    def _rows(self, partials: Partials) -> Iterator[tuple[object, ...]]:
        """In the order of `ARRAYS`."""
        series = self.dictionary.series_ids({(p.metric, p.dims) for p in partials})
        for place, part in partials.items():
            numbers = (part.rows, part.n, part.total, part.low, part.high)
            says = None if part.sketch is None else sketch.value(part.sketch)
            yield place.bucket, series[place.metric, place.dims], *numbers, part.sketch, says

    def _cursor(self) -> psycopg.Cursor[Any]:
        raw: Any = self.connection.connection.driver_connection
        cursor: psycopg.Cursor[Any] = raw.cursor()
        return cursor

    def _delete(self, grain: Grain, places: Sequence[Place]) -> None:
        if not places:
            return
        series = self.dictionary.series_ids({(p.metric, p.dims) for p in places})
        columns = {
            "buckets": [place.bucket for place in places],
            "series": [series[place.metric, place.dims] for place in places],
        }
        self.connection.execute(DELETE_SQL, {"id": self.id, "grain": grain.value, **columns})

    def _outdated(self, grain: Grain, spans: Sequence[Interval], metrics: Collection[str]) -> None:
        """Drop what earlier definitions of the metrics left in the spans; no window reads it."""
        definitions = [self.dictionary.definitions[name] for name in metrics]
        names = {"metrics": list(metrics), "definitions": definitions}
        for span in spans:
            ends = {"start": span.start, "end": span.end}
            wanted = {"id": self.id, "grain": grain.value, **ends, **names}
            self.connection.execute(OUTDATED_SQL, wanted)
