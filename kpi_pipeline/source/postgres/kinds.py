"""Which type each metric's expression has, and how its values are written down.

A distinct count compares values by their text, so equal values must be written alike. Types whose
equal values have several texts are written in one form here. Left as they are, and so counted
apart where count(DISTINCT) sees one: jsonb, arrays, ranges and rows that hold numerics of unlike
scale, and texts that are equal by a collation that is not deterministic.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from kpi_pipeline.model.metric import SimpleMetric
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.declared import asked
from kpi_pipeline.source.postgres.catalog import Table
from kpi_pipeline.source.postgres.fault import asking
from kpi_pipeline.source.postgres.names import inline, quoted_table

ONE_FORM = {
    "numeric": "trim_scale({})",  # 1.0 and 1.00
    "float4": "({} + CAST(0 AS float4))",  # -0 and 0
    "float8": "({} + CAST(0 AS float8))",
    "interval": "justify_interval({})",  # a day and 24 hours
    "citext": "lower(CAST({} AS text))",
}
FLOATS = frozenset({"float4", "float8"})
INTEGERS = frozenset({"int2", "int4", "int8"})
NAMES_SQL = text("""
SELECT oid::bigint AS oid, typname FROM pg_type WHERE oid = ANY(CAST(:oids AS oid[]))
""")


def kinds_of(
    connection: Connection, spec: PipelineSpec, metrics: frozenset[str] | None = None
) -> Mapping[str, str]:
    """PostgreSQL's name of the expression's type, by metric that has one and is asked for.

    Raises:
        SourceError: Names the metric whose expression fits no types of the table.
    """
    table = inline(quoted_table(spec.source.table))

    def ask(metrics: tuple[SimpleMetric, ...]) -> dict[str, int]:
        """The server tells types with no row read."""
        columns = ", ".join(f"({inline(metric.expr or '1')})" for metric in metrics) or "1"
        found = connection.execute(text(f"SELECT {columns} FROM {table} LIMIT 0"))  # noqa: S608
        cursor: Any = found.cursor
        return {m.name: cursor.description[i].type_code for i, m in enumerate(metrics)}

    wanted = tuple(metric for metric in asked(spec, metrics) if metric.expr is not None)
    oids = asking(connection, wanted, ask)
    found = connection.execute(NAMES_SQL, {"oids": sorted(set(oids.values()))})
    names = {row.oid: row.typname for row in found}
    return {metric: names[oid] for metric, oid in oids.items()}


def known_kinds(
    connection: Connection, spec: PipelineSpec, table: Table, metrics: frozenset[str] | None = None
) -> Mapping[str, str]:
    """What `kinds_of` says, asked once a connection for columns of the same types."""
    exprs = tuple((metric.name, metric.expr) for metric in asked(spec, metrics))
    types = tuple(sorted(table.columns.items()))
    known: dict[object, Mapping[str, str]] = connection.info.setdefault("kinds", {})
    if (exprs, types) not in known:
        known.clear()
        known[exprs, types] = kinds_of(connection, spec, metrics)
    return known[exprs, types]


def as_text(expr: str, kind: str) -> str:
    """SQL for the text of a value, the same for equal values."""
    return f"CAST({ONE_FORM.get(kind, '{}').format(expr)} AS text)"


def as_number(expr: str, kind: str) -> str:
    """SQL for the exact decimal of a value; a plain cast of a float keeps 6 or 15 digits."""
    return f"CAST({f'CAST({expr} AS text)' if kind in FLOATS else expr} AS numeric)"
