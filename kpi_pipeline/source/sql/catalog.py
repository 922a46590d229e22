"""What the database says about the source table."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    Inspector,
    Integer,
    Numeric,
    TableClause,
    column,
    inspect,
    table,
)
from sqlalchemy.exc import NoSuchTableError, SAWarning
from sqlalchemy.sql.elements import quoted_name
from sqlalchemy.types import TypeEngine

from kpi_pipeline.model.declaration.expression import columns_of
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.model.metric import SimpleMetric
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.declared import ARITHMETIC, EMPTY_HINT, declared_columns

MOST_NEIGHBOURS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The source table as its database knows it.

    Attributes:
        kinds: Type by column name in lower case: these databases know no other case.
        indexed: Columns that lead an index, in lower case.
    """

    schema: str | None
    name: str
    kinds: Mapping[str, TypeEngine[Any]]
    indexed: frozenset[str]

    @property
    def clause(self) -> TableClause:
        """The table in a FROM."""
        schema = None if self.schema is None else quoted_name(self.schema, quote=True)
        return table(quoted_name(self.name, quote=True), schema=schema)

    def column(self, name: str) -> ColumnElement[Any]:
        """A column in a statement; its type is left to the driver."""
        return column(quoted_name(name, quote=True))

    def kind(self, name: str) -> TypeEngine[Any]:
        """The type of a column."""
        return self.kinds[name.lower()]


def read_table(connection: Connection, spec: PipelineSpec) -> Table:
    """Find the declared table and check every declared column against it.

    Raises:
        SourceError: Names what is missing, and the nearest thing that exists.
    """
    schema, _, name = spec.source.table.rpartition(".")
    inspector = inspect(connection)
    with warnings.catch_warnings():
        # It tells of every column and index of a kind that it does not know; none is ours.
        warnings.simplefilter("ignore", SAWarning)
        kinds = _kinds(inspector, name, schema or None)
        indexed = _indexed(inspector, name, schema or None) if kinds else frozenset()
    if not kinds:
        hint = did_you_mean(spec.source.table, _neighbours(inspector)) or EMPTY_HINT
        raise SourceError(f"no table {spec.source.table!r} in the source{hint}")
    lower = {column.lower(): kind for column, kind in kinds.items()}
    found = Table(schema=schema or None, name=name, kinds=lower, indexed=indexed)
    for wanted, where in declared_columns(spec):
        if wanted.lower() not in found.kinds:
            hint = did_you_mean(wanted, kinds)
            raise SourceError(f"{where}: {spec.source.table} has no column {wanted!r}{hint}")
    return found


def bare_column(metric: SimpleMetric) -> str | None:
    """The column that a metric does arithmetic on, if its expression is one column alone."""
    if metric.expr is None or metric.agg not in ARITHMETIC:
        return None
    name = next(iter(columns_of(metric.expr)), None)
    return name if name is not None and metric.expr == f'"{name}"' else None


def check_numbers(found: Table, spec: PipelineSpec) -> None:
    """Refuse arithmetic on a bare column that is no number, in databases that have types.

    Raises:
        SourceError: Names the metric.
    """
    for metric in spec.simple_metrics:
        name = bare_column(metric)
        kind = None if name is None else found.kind(name)
        if kind is not None and not isinstance(kind, (Integer, Numeric, Float)):
            raise SourceError(
                f"metrics.{metric.name}.expr: {name} is {kind}; "
                f"agg {metric.agg.value} needs a number"
            )


def _kinds(inspector: Inspector, name: str, schema: str | None) -> dict[str, TypeEngine[Any]]:
    try:
        columns = inspector.get_columns(name, schema)
    except NoSuchTableError:
        return {}
    return {str(each["name"]): each["type"] for each in columns}


def _indexed(inspector: Inspector, name: str, schema: str | None) -> frozenset[str]:
    leading: list[list[str | None]] = [
        list(inspector.get_pk_constraint(name, schema)["constrained_columns"][:1])
    ]
    for index in inspector.get_indexes(name, schema):
        partial = any(key.endswith("_where") for key in index.get("dialect_options", {}))
        leading.append([] if partial else list(index["column_names"][:1]))
    return frozenset(first.lower() for names in leading for first in names if first)


def _neighbours(inspector: Inspector) -> list[str]:
    return [*inspector.get_table_names(), *inspector.get_view_names()][:MOST_NEIGHBOURS]
