"""What a case says of each group of a metric; of a metric without groups it says it once."""

from collections.abc import Iterable, Iterator, Mapping

from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.declaration.cases.written import as_text
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.declaration.section import Section, shown
from kpi_pipeline.model.spec import PipelineSpec


def columns_of_rule(section: Section, name: str, spec: PipelineSpec) -> tuple[str, ...]:
    """The columns that a rule's metric is grouped by.

    Raises:
        SpecError: There is no such rule.
    """
    if name not in spec.thresholds:
        raise section.error(f"unknown rule{did_you_mean(name, spec.thresholds)}", name)
    return spec.metrics[spec.thresholds[name].metric].group_by


def check_known(
    section: Section, rule: str, groups: Iterable[Dims], values: Mapping[str, Mapping[Dims, object]]
) -> None:
    """Hold what is said of a rule and groups against those that have a series.

    Raises:
        SpecError: It has none; names the nearest.
    """
    if rule not in values:
        raise section.error(f"has no series{did_you_mean(rule, values)}", rule)
    known = [named(dims) for dims in values[rule]]
    for dims in groups:
        if dims not in values[rule]:
            text = named(dims)
            raise section.error(f"{text} has no series{did_you_mean(text, known)}", rule)


def named(dims: Dims) -> str:
    """A group as it is written here.

    >>> named(("DELI", None))
    'DELI, null'
    """
    return ", ".join("null" if value is None else value for value in dims)


def by_group(
    section: Section, name: str, columns: tuple[str, ...], example: str
) -> dict[Dims, object]:
    """What stands under a name, by group: one mapping deep for each column.

    Args:
        section: Holds the name.
        name: Such as a rule's.
        columns: That the metric is grouped by.
        example: Of what is said of one group, for errors.

    Raises:
        SpecError: There are groups where none can be, or none where some must be.
    """
    return dict(_leaves(section, name, columns, example, section.raw[name]))


def _leaves(
    section: Section,
    name: str,
    columns: tuple[str, ...],
    example: str,
    raw: object,
    dims: Dims = (),
) -> Iterator[tuple[Dims, object]]:
    if not columns:
        if isinstance(raw, Mapping):
            which = f"no groups below {shown(dims[-1])}" if dims else "no groups"
            raise section.error(f"has {which}; write it like {example}", name)
        yield dims, raw
        return
    if not isinstance(raw, Mapping):
        raise section.error(
            f"is watched for each {columns[0]}; write it like {{a: {example}, b: ...}}", name
        )
    for group, inner in raw.items():
        text = None if group is None else as_text(group)
        yield from _leaves(section, name, columns[1:], example, inner, (*dims, text))
