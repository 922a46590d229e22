"""Replace buckets: out with what they held, in with what the source says.

Only what differs is written: folding a year again that has not changed leaves the table, its
indexes and its backups alone.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from kpi_pipeline.compute.difference import Difference, Partials, Place, differences
from kpi_pipeline.compute.groups import largest_first
from kpi_pipeline.compute.statistic import sketch
from kpi_pipeline.model.batch import Aggregate, Grain
from kpi_pipeline.model.moment import Interval
from kpi_pipeline.store.dictionary import Dictionary
from kpi_pipeline.store.places import placed, stored

PURGE_SQL = text("""
DELETE FROM kpi.partial p USING kpi.series s
WHERE s.id = p.series_id AND p.pipeline_id = :id AND p.grain = :grain
  AND p.bucket >= :start AND p.bucket < :end
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
        self, grain: Grain, spans: Sequence[Interval], aggregates: Sequence[Aggregate]
    ) -> list[Difference]:
        """Put the aggregates in the place of everything in the spans; return what changed."""
        held = stored(self.connection, self.id, self.dictionary.definitions, grain, spans)
        if held.outdated:
            self._purge(grain, spans)
        places = self.dictionary.places(largest_first(aggregates))
        sketches = self.dictionary.encode(aggregates)
        after = placed(grain, aggregates, places, sketches)
        changed = differences(held.partials, after)
        self._delete(grain, [item.place for item in changed if item.place not in after])
        self._write(grain, {i.place: i.after for i in changed if i.place in after})
        return changed

    def forget_minutes(self, before: datetime) -> None:
        """Drop minutes and hours that have left retention; their days stay."""
        self.connection.execute(FORGET_SQL, {"id": self.id, "before": before})

    def _write(self, grain: Grain, partials: Partials) -> None:
        if not partials:
            return
        series = self.dictionary.series_ids({(p.metric, p.dims) for p in partials})
        columns = {
            "buckets": [place.bucket for place in partials],
            "series": [series[place.metric, place.dims] for place in partials],
            "rows": [partial.rows for partial in partials.values()],
            "ns": [partial.n for partial in partials.values()],
            "totals": [partial.total for partial in partials.values()],
            "lows": [partial.low for partial in partials.values()],
            "highs": [partial.high for partial in partials.values()],
            "sketches": [partial.sketch for partial in partials.values()],
            "values": [sketch.value(partial.sketch) for partial in partials.values()],
        }
        self.connection.execute(WRITE_SQL, {"id": self.id, "grain": grain.value, **columns})

    def _delete(self, grain: Grain, places: Sequence[Place]) -> None:
        if not places:
            return
        series = self.dictionary.series_ids({(p.metric, p.dims) for p in places})
        columns = {
            "buckets": [place.bucket for place in places],
            "series": [series[place.metric, place.dims] for place in places],
        }
        self.connection.execute(DELETE_SQL, {"id": self.id, "grain": grain.value, **columns})

    def _purge(self, grain: Grain, spans: Sequence[Interval]) -> None:
        """What earlier definitions left in the spans; no window reads it any more."""
        known = self.dictionary.definitions
        names = {"metrics": list(known), "definitions": list(known.values())}
        for span in spans:
            ends = {"start": span.start, "end": span.end}
            wanted = {"id": self.id, "grain": grain.value, **ends, **names}
            self.connection.execute(PURGE_SQL, wanted)
