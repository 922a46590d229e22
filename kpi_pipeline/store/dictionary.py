"""Small numbers for long names: series by metric and group, members by value.

Ids are given only to what is missing, by a query that leaves out what is there: an upsert would
burn a number for every row that it does not insert, and members must stay dense.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, text

from kpi_pipeline.compute import members
from kpi_pipeline.model.batch import Dims

LONGEST_VALUE = 200
GREATEST_ID = 2**32 - 1

SERIES_SQL = text("""
SELECT id, metric, dims FROM kpi.series
WHERE pipeline_id = :id AND metric = :metric AND definition = :definition
""")
NEW_SERIES_SQL = text("""
INSERT INTO kpi.series (pipeline_id, metric, definition, dims)
VALUES (:id, :metric, :definition, CAST(:dims AS text[])) RETURNING id
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

    def __init__(self, connection: Connection, id_: int, definitions: Mapping[str, str]) -> None:
        self.connection = connection
        self.id = id_
        self.definitions = definitions

    def series_ids(self, wanted: set[tuple[str, Dims]]) -> dict[tuple[str, Dims], int]:
        """The id of each metric and group; new ones are made."""
        found: dict[tuple[str, Dims], int] = {}
        for metric in {name for name, _ in wanted}:
            known = {"id": self.id, "metric": metric, "definition": self.definitions[metric]}
            for row in self.connection.execute(SERIES_SQL, known):
                found[metric, tuple(row.dims)] = row.id
            for name, dims in sorted(wanted - found.keys(), key=repr):
                if name == metric:
                    new = self.connection.execute(NEW_SERIES_SQL, known | {"dims": list(dims)})
                    found[name, dims] = new.scalar_one()
        return found

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
