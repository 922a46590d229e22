"""Replace buckets: out with what they held, in with what the source says.

Only what differs is written: folding a year again that has not changed leaves the table, its
indexes and its backups alone.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

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

    def _outdated(self, grain: Grain, spans: Sequence[Interval], metrics: Collection[str]) -> None:
        """Drop what earlier definitions of the metrics left in the spans; no window reads it."""
        definitions = [self.dictionary.definitions[name] for name in metrics]
        names = {"metrics": list(metrics), "definitions": definitions}
        for span in spans:
            ends = {"start": span.start, "end": span.end}
            wanted = {"id": self.id, "grain": grain.value, **ends, **names}
            self.connection.execute(OUTDATED_SQL, wanted)
