"""Small numbers for long names: series by metric and group, members by value.

Ids are given only to what is missing, by a query that leaves out what is there: an upsert would
burn a number for every row that it does not insert, and members must stay dense.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, text

from kpi_pipeline.compute import members
from kpi_pipeline.compute.groups import Group, seated
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.spec import PipelineSpec

LONGEST_VALUE = 200
GREATEST_ID = 2**32 - 1

SERIES_SQL = text("""
SELECT id, dims FROM kpi.series
WHERE pipeline_id = :id AND metric = :metric AND definition = :definition
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
        self.most = {metric.name: metric.most_groups for metric in spec.simple_metrics}

    def places(self, wanted: Iterable[Group]) -> dict[Group, Group]:
        """The group that each group is, or would be, summed in; makes no ids.

        Args:
            wanted: Metrics and groups as the source knows them; where there is room for some
                new ones only, those named first get it.
        """
        asked: dict[str, list[Dims]] = {}
        for metric, dims in wanted:
            asked.setdefault(metric, []).append(dims)
        return {
            (metric, dims): (metric, place)
            for metric, groups in asked.items()
            for dims, place in seated(groups, self._known(metric), self.most[metric]).items()
        }

    def series_ids(self, wanted: set[Group]) -> dict[Group, int]:
        """The id of each metric and group; new ones are made."""
        found: dict[Group, int] = {}
        for metric in {name for name, _ in wanted}:
            known = self._known(metric)
            new = sorted({d for name, d in wanted if name == metric} - known.keys(), key=repr)
            if new:
                groups = {"groups": json.dumps(new, ensure_ascii=False)}
                known |= self._ids(
                    self.connection.execute(NEW_SERIES_SQL, self._of(metric) | groups)
                )
            found |= {(metric, dims): id_ for dims, id_ in known.items()}
        return found

    def _known(self, metric: str) -> dict[Dims, int]:
        return self._ids(self.connection.execute(SERIES_SQL, self._of(metric)))

    def _of(self, metric: str) -> dict[str, object]:
        return {"id": self.id, "metric": metric, "definition": self.definitions[metric]}

    @staticmethod
    def _ids(rows: Iterable[Any]) -> dict[Dims, int]:
        return {tuple(row.dims): row.id for row in rows}

    def encode(self, sets: Sequence[tuple[str, ...] | None]) -> list[bytes | None]:
        """Each set of values as an encoded set of ids; None stays None."""
        ids = self._member_ids({_identity(value) for values in sets for value in values or ()})
        return [
            None if values is None else members.encode(ids[_identity(value)] for value in values)
            for values in sets
        ]

    def encode_known(self, sets: Sequence[tuple[str, ...] | None]) -> list[bytes | None]:
        """Like `encode`, but gives no ids: a value without one gets a number that none has."""
        values = sorted({_identity(value) for found in sets for value in found or ()})
        known = {"id": self.id, "values": values}
        ids = {row.value: row.id for row in self.connection.execute(MEMBERS_SQL, known)}
        unknown = (value for value in values if value not in ids)
        ids |= {value: GREATEST_ID - place for place, value in enumerate(unknown)}
        return [
            None if found is None else members.encode(ids[_identity(value)] for value in found)
            for found in sets
        ]

    def _member_ids(self, values: Iterable[str]) -> dict[str, int]:
        wanted = {"id": self.id, "values": sorted(values)}
        if not wanted["values"]:
            return {}
        self.connection.execute(NEW_MEMBERS_SQL, wanted)
        return {row.value: row.id for row in self.connection.execute(MEMBERS_SQL, wanted)}


def _identity(value: str) -> str:
    """A value, or what stands for a long one: an index row has an end, a text column has none."""
    if len(value) <= LONGEST_VALUE:
        return value
    return f"sha256:{hashlib.sha256(value.encode()).hexdigest()}"
