"""The columns of a test case's table: named by the declaration or the case, with a type."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from kpi_pipeline.model.declaration.expression import columns_of
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.declaration.section import Section
from kpi_pipeline.model.metric import Aggregation
from kpi_pipeline.model.spec import PipelineSpec

EVENT_TIME, KEY = "timestamptz", "bigint"
TYPES = (
    "bigint", "boolean", "bytea", "char", "date", "decimal", "double precision", "inet",
    "integer", "interval", "json", "jsonb", "numeric", "real", "smallint", "text", "time",
    "timestamp", "timestamptz", "uuid", "varchar",
)  # fmt: skip
FORM = re.compile(r"([a-z ]+?)(\s*\([0-9]{1,4}(\s*,\s*[0-9]{1,4})?\))?")
OTHERS = frozenset({Aggregation.COUNT, Aggregation.COUNT_DISTINCT})
"""What aggregates anything; all else wants numbers."""


def read_columns(spec: PipelineSpec) -> frozenset[str]:
    """Every column that the declaration reads."""
    found = {spec.source.event_time} | ({spec.source.key} if spec.source.key else set())
    for metric in spec.simple_metrics:
        found.update(metric.group_by)
        for sql in (metric.expr, metric.filter):
            found |= columns_of(sql) if sql else set()
    return frozenset(found)


def declared_types(section: Section, spec: PipelineSpec) -> dict[str, str]:
    """The types under `columns:`, and those that need no saying.

    Raises:
        SpecError: A type that is none.
    """
    types = {spec.source.event_time: EVENT_TIME}
    if spec.source.key is not None:
        types[spec.source.key] = KEY
    return types | {name: section.parsed(name, _type) for name in section.raw}


def guessed_types(spec: PipelineSpec, rows: Iterable[Mapping[str, object]]) -> dict[str, str]:
    """A type for every column that the rows have or the declaration reads, from its values."""
    values: dict[str, list[object]] = {name: [] for name in sorted(read_columns(spec))}
    for row in rows:
        for name, value in row.items():
            values.setdefault(name, []).append(value)
    numbers = _numbers(spec)
    return {name: _guess(found, name in numbers) for name, found in values.items()}


def _numbers(spec: PipelineSpec) -> frozenset[str]:
    exprs = [m.expr for m in spec.simple_metrics if m.expr and m.agg not in OTHERS]
    return frozenset(name for expr in exprs for name in columns_of(expr))


def _guess(values: list[object], is_number: bool) -> str:  # noqa: FBT001 - what nothing else says
    present = [value for value in values if value is not None]
    if not present:
        return "numeric" if is_number else "text"
    if all(isinstance(value, bool) for value in present):
        return "boolean"
    if all(isinstance(value, int | Decimal) and not isinstance(value, bool) for value in present):
        return "numeric"
    return "jsonb" if all(isinstance(value, dict | list) for value in present) else "text"


def _type(text: str) -> str:
    match = FORM.fullmatch(text.strip().lower())
    if match is None or match[1] not in TYPES:
        raise ValueError(f"unknown type {text!r}{did_you_mean(text, TYPES)}")
    return match[0]
