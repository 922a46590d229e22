"""What a test case expects of the snapshot."""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.case import Expectation, Wanted
from kpi_pipeline.model.declaration.cases.written import as_text
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.declaration.section import Section, shown
from kpi_pipeline.model.metric import SimpleMetric
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.term import Term, leaves_of
from kpi_pipeline.model.window import Frame


def parse_expectations(section: Section, spec: PipelineSpec) -> tuple[Expectation, ...]:
    """Read `expect:`: windows, in them metrics, in them a value, or a value for each group.

    Raises:
        SpecError: An unknown window or metric, a value that is none, or nothing at all.
    """
    found = []
    for window, metrics in section.sections():
        if window not in spec.windows:
            raise section.error(f"unknown window{did_you_mean(window, spec.windows)}", window)
        for metric, raw in metrics.raw.items():
            if metric not in spec.metrics:
                raise metrics.error(f"unknown metric{did_you_mean(metric, spec.metrics)}", metric)
            place = Section({}, (*metrics.path, metric))
            columns = spec.metrics[metric].group_by
            values = dict(_values(raw, columns, (), _Reader(spec, metric, place)))
            found.append(Expectation(metric=metric, window=window, values=values))
    if not found:
        raise section.error("expects nothing; write it like `today: {total_revenue: 10.50}`")
    return tuple(found)


def is_estimate(spec: PipelineSpec, name: str) -> bool:
    """Whether a metric's value is within an error, not exact."""
    leaves = (spec.metrics[leaf.metric] for leaf in leaves_of(spec.metrics, Term(name, Frame())))
    return any(
        isinstance(metric, SimpleMetric) and (metric.approximate or metric.percentile is not None)
        for metric in leaves
    )


class _Reader:
    """Reads the values of one metric; its errors name the metric's line."""

    def __init__(self, spec: PipelineSpec, metric: str, place: Section) -> None:
        self.estimate = is_estimate(spec, metric)
        self.place = place

    def wanted(self, raw: object) -> Wanted:
        if not isinstance(raw, Mapping):
            return Wanted(value=self.number(raw))
        both = Section(raw, self.place.path)
        both.only("value", "within")
        if not self.estimate:
            raise both.error("is exact, so there is nothing to be within; write the value alone")
        return Wanted(value=self.number(both.raw.get("value")), within=self.part(both))

    def part(self, section: Section) -> Decimal:
        text = as_text(section.raw.get("within", 0)).strip()
        part = self.number(text.removesuffix("%").strip())
        if part is None or part < 0:
            raise section.error("must be a part such as 1% or 0.01", "within")
        return part / 100 if text.endswith("%") else part

    def number(self, raw: object) -> Decimal | None:
        if raw is None:
            return None
        if not isinstance(raw, bool | Mapping | list):
            try:
                return Decimal(str(raw))
            except InvalidOperation:
                pass
        raise self.place.error(f"must be a number or null, not {shown(raw)}")


def _values(
    raw: object, columns: tuple[str, ...], dims: Dims, reader: _Reader
) -> Iterator[tuple[Dims, Wanted]]:
    if not columns:
        yield dims, reader.wanted(raw)
        return
    if not isinstance(raw, Mapping):
        raise reader.place.error(f"has a value for each {columns[0]}, such as {{a: 1, b: 2}}")
    for group, inner in raw.items():
        text = None if group is None else as_text(group)
        yield from _values(inner, columns[1:], (*dims, text), reader)
