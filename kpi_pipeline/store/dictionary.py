"""Small numbers for long names: series by metric and group, members by value.

Ids are given only to what is missing, by a query that leaves out what is there: an upsert would
burn a number for every row that it does not insert, and members must stay dense.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, text

from kpi_pipeline.compute.estimate import sketch_of
from kpi_pipeline.compute.groups import Group, seated
from kpi_pipeline.compute.statistic import members
from kpi_pipeline.compute.statistic.identity import NUMBERS, Value, members_of, number_of
from kpi_pipeline.model.batch import Aggregate, Dims
from kpi_pipeline.model.metric import SimpleMetric
from kpi_pipeline.model.spec import PipelineSpec

LONGEST_VALUE = 200

SERIES_SQL = text("""
SELECT id, metric, dims FROM kpi.series
WHERE pipeline_id = :id AND (metric, definition) IN (SELECT * FROM unnest(
  CAST(:metrics AS text[]), CAST(:definitions AS text[])))
""")
NEW_SERIES_SQL = text("""
INSERT INTO kpi.series (pipeline_id, metric, definition, dims)
SELECT :id, :metric, :definition, ARRAY(SELECT jsonb_array_elements_text(g.dims))
FROM jsonb_array_elements(CAST(:groups AS jsonb)) AS g(dims) RETURNING id, dims
""")
NEW_MEMBERS_SQL = text("""
INSERT INTO kpi.member (pipeline_id, value, id)
SELECT :id, v.value, (SELECT coalesce(max(m.id), 0) FROM kpi.member m WHERE m.pipeline_id = :id)
                     + row_number() OVER (ORDER BY v.place)
FROM unnest(CAST(:values AS text[])) WITH ORDINALITY AS v(value, place)
WHERE NOT EXISTS (SELECT FROM kpi.member m WHERE m.pipeline_id = :id AND m.value = v.value)
""")
MEMBERS_SQL = text("""
SELECT value, id FROM kpi.member
WHERE pipeline_id = :id AND value = ANY(CAST(:values AS text[]))
""")


class Dictionary:
    """Ids within one transaction; callers hold the pipeline's row, so nobody else gives any."""

    def __init__(self, connection: Connection, id_: int, spec: PipelineSpec) -> None:
        self.connection = connection
        self.id = id_
        self.definitions = spec.definitions
        self.metrics = {metric.name: metric for metric in spec.simple_metrics}
        self._series: dict[str, dict[Dims, int]] = {}

    def places(self, wanted: Iterable[Group]) -> dict[Group, Group]:
        """The group that each group is, or would be, summed in; makes no ids.

        Args:
            wanted: Metrics and groups as the source knows them; where there is room for some
                new ones only, those named first get it.
        """
        asked: dict[str, list[Dims]] = {}
        for metric, dims in wanted:
            asked.setdefault(metric, []).append(dims)
        self._read(asked)
        return {
            (metric, dims): (metric, place)
            for metric, groups in asked.items()
            for dims, place in seated(
                groups, self._series[metric], self.metrics[metric].most_groups
            ).items()
        }

    def series_ids(self, wanted: set[Group]) -> dict[Group, int]:
        """The id of each metric and group; new ones are made."""
        found: dict[Group, int] = {}
        metrics = {name for name, _ in wanted}
        self._read(metrics)
        for metric in metrics:
            known = self._series[metric]
            new = sorted({d for name, d in wanted if name == metric} - known.keys(), key=repr)
            if new:
                made = self.connection.execute(NEW_SERIES_SQL, self._new(metric, new))
                known.update((tuple(row.dims), row.id) for row in made)
            found |= {(metric, dims): id_ for dims, id_ in known.items()}
        return found

    def _read(self, metrics: Iterable[str]) -> None:
        """Read what is there once: nobody else gives ids while this transaction lasts."""
        missing = sorted(set(metrics) - self._series.keys())
        if missing:
            self._series.update((metric, {}) for metric in missing)
            definitions = [self.definitions[metric] for metric in missing]
            wanted = {"id": self.id, "metrics": missing, "definitions": definitions}
            for row in self.connection.execute(SERIES_SQL, wanted):
                self._series[row.metric][tuple(row.dims)] = row.id

    def _new(self, metric: str, groups: list[Dims]) -> dict[str, object]:
        named = {"metric": metric, "definition": self.definitions[metric]}
        return {"id": self.id, "groups": json.dumps(groups, ensure_ascii=False), **named}

    def encode(self, aggregates: Sequence[Aggregate]) -> list[bytes | None]:
        """The sketch of each aggregate; None where it has none. Exact members get ids."""
        values = self._identities(aggregates)
        if values:
            self.connection.execute(NEW_MEMBERS_SQL, {"id": self.id, "values": values})
        return self._sketches(aggregates, self._member_ids(values))

    def encode_known(self, aggregates: Sequence[Aggregate]) -> list[bytes | None]:
        """Like `encode`, but gives no ids: a value without one gets a number that none has."""
        values = self._identities(aggregates)
        ids = self._member_ids(values)
        unknown = [value for value in values if value not in ids]
        made = {value: NUMBERS - 1 - place for place, value in enumerate(unknown)}
        return self._sketches(aggregates, ids | made)

    def _identities(self, aggregates: Sequence[Aggregate]) -> list[str]:
        exact = (item for item in aggregates if not self.metrics[item.metric].approximate)
        values = {value for item in exact for value in item.members or ()}
        return sorted({_identity(value) for value in values if number_of(value) is None})

    def _sketches(
        self, aggregates: Sequence[Aggregate], ids: Mapping[str, int]
    ) -> list[bytes | None]:
        return [_sketch(item, self.metrics[item.metric], ids) for item in aggregates]

    def _member_ids(self, values: list[str]) -> dict[str, int]:
        if not values:
            return {}
        rows = self.connection.execute(MEMBERS_SQL, {"id": self.id, "values": values})
        return {row.value: row.id for row in rows}


def _sketch(item: Aggregate, metric: SimpleMetric, ids: Mapping[str, int]) -> bytes | None:
    estimate = sketch_of(item, metric)
    if estimate is not None or item.members is None:
        return estimate
    named = (_identity(v) if isinstance(v, str) else v for v in item.members)
    return members.encode(members_of(named, ids))


def _identity(value: Value) -> str:
    """A text, or what stands for a long one: an index row has an end, a text column has none."""
    text_ = str(value)
    if len(text_) <= LONGEST_VALUE:
        return text_
    return f"sha256:{hashlib.sha256(text_.encode()).hexdigest()}"
