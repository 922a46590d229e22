"""The rows of a test case."""

import json
from collections.abc import Callable, Iterator

from kpi_pipeline.model.case import Row
from kpi_pipeline.model.declaration.cases.columns import (
    EVENT_TIME,
    declared_types,
    guessed_types,
    read_columns,
)
from kpi_pipeline.model.declaration.cases.moments import business_moment
from kpi_pipeline.model.declaration.cases.written import as_text
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.declaration.section import Section, shown
from kpi_pipeline.model.errors import SpecError
from kpi_pipeline.model.spec import PipelineSpec

Place = Callable[[tuple[str, ...]], str]
"""File and line of a path."""
Batches = tuple[tuple[Row, ...], ...]


def parse_rows(
    section: Section, spec: PipelineSpec, place: Place
) -> tuple[dict[str, str], Batches]:
    """The columns with their types, and the batches; `rows` alone are one batch.

    Raises:
        SpecError: An unknown column or type, or rows that are none.
    """
    raw = _batches(section)
    declared = declared_types(section.section("columns"), spec)
    known = read_columns(spec) | declared.keys()
    for batch in raw:
        for row in batch:
            _check_columns(row, known)
    guessed = guessed_types(spec, (row.raw for batch in raw for row in batch))
    types = guessed | declared
    return types, tuple(tuple(_row(row, types, spec, place) for row in batch) for batch in raw)


def _batches(section: Section) -> list[list[Section]]:
    if section.has("rows") == section.has("batches"):
        raise section.error("needs either rows or batches: a list of rows, or a list of such lists")
    if section.has("rows"):
        return [_rows(section.raw["rows"], (*section.path, "rows"))]
    path = (*section.path, "batches")
    batches = _list(section.raw["batches"], path)
    return [_rows(batch, (*path, str(k))) for k, batch in enumerate(batches)]


def _rows(raw: object, path: tuple[str, ...]) -> list[Section]:
    return [Section(row, (*path, str(k))) for k, row in enumerate(_list(raw, path))]


def _list(raw: object, path: tuple[str, ...]) -> list[object]:
    if not isinstance(raw, list):
        raise SpecError(f"must be a list, not {shown(raw)}", path=path)
    return raw


def _check_columns(row: Section, known: frozenset[str]) -> None:
    for name in row.raw:
        if name not in known:
            hint = did_you_mean(name, known)
            raise row.error(f"unknown column{hint}; name its type under `columns:` to add it", name)


def _row(row: Section, types: dict[str, str], spec: PipelineSpec, place: Place) -> Row:
    return Row(values=dict(_values(row, types, spec)), place=place(row.path))


def _values(
    row: Section, types: dict[str, str], spec: PipelineSpec
) -> Iterator[tuple[str, str | None]]:
    for name, value in row.raw.items():
        if value is None:
            yield name, None
        elif name == spec.source.event_time and types[name] == EVENT_TIME:
            moment = row.parsed(name, lambda text: business_moment(text, spec.timezone))
            yield name, moment.isoformat()
        elif isinstance(value, dict | list):
            yield name, json.dumps(value, default=str, ensure_ascii=False)
        else:
            yield name, as_text(value)
