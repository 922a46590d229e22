"""A whole file of test cases."""

from collections.abc import Mapping
from datetime import datetime

from kpi_pipeline.model.case import AlertCase, Case
from kpi_pipeline.model.declaration.cases.alerts import parse_alert_case
from kpi_pipeline.model.declaration.cases.expectations import parse_expectations
from kpi_pipeline.model.declaration.cases.moments import business_moment
from kpi_pipeline.model.declaration.cases.rows import Batches, Place, parse_rows
from kpi_pipeline.model.declaration.cases.written import AsWritten
from kpi_pipeline.model.declaration.lines import line_at, read_yaml
from kpi_pipeline.model.declaration.section import Section
from kpi_pipeline.model.errors import SpecError
from kpi_pipeline.model.moment import floor_minute
from kpi_pipeline.model.spec import PipelineSpec

KEYS = ("as_of", "columns", "rows", "batches", "expect")


def parse_cases(spec: PipelineSpec, text: str, label: str) -> tuple[Case, ...]:
    """Read the cases about KPIs of a pipeline from YAML text; see `parse_file`."""
    return parse_file(spec, text, label)[0]


def parse_file(
    spec: PipelineSpec, text: str, label: str
) -> tuple[tuple[Case, ...], tuple[AlertCase, ...]]:
    """Read the cases of a pipeline from YAML text: those about KPIs, and those about rules.

    Raises:
        SpecError: Names `label`, the line, the path, and what to do.
    """
    plain, lines = read_yaml(text, label, AsWritten)

    def place(path: tuple[str, ...]) -> str:
        return f"{label}:{line_at(lines, path)}"

    try:
        return _both(spec, plain, place)
    except SpecError as error:
        raise SpecError(f"{place(error.path)}: {error}") from None


def _both(
    spec: PipelineSpec, plain: object, place: Place
) -> tuple[tuple[Case, ...], tuple[AlertCase, ...]]:
    top = Section({} if plain is None else plain, ())
    top.only("cases", "alerts")
    cases = tuple(_case(name, item, spec, place) for name, item in top.section("cases").sections())
    alerts = tuple(
        parse_alert_case(name, item, spec, place) for name, item in top.section("alerts").sections()
    )
    if not cases and not alerts:
        raise top.error("declare at least one case under `cases:` or `alerts:`")
    return cases, alerts


def _case(name: str, section: Section, spec: PipelineSpec, place: Place) -> Case:
    section.only(*KEYS)
    as_of = section.parsed("as_of", lambda text: business_moment(text, spec.timezone))
    columns, batches = parse_rows(section, spec, place)
    _check_moment(section, as_of, batches, spec.source.event_time)
    expected = parse_expectations(section.section("expect"), spec)
    return Case(
        name=name,
        as_of=as_of,
        columns=columns,
        batches=batches,
        expected=expected,
        place=place(section.path),
    )


def _check_moment(section: Section, as_of: datetime, batches: Batches, column: str) -> None:
    """A clock that stands before every row is a slip: every window would be empty."""
    moments = [
        moment for batch in batches for row in batch if (moment := _moment(row.values, column))
    ]
    if moments and floor_minute(min(moments)) > floor_minute(as_of):
        raise section.error("lies before every row, so every window would be empty", "as_of")


def _moment(values: Mapping[str, str | None], column: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(values.get(column) or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else None
