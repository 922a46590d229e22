"""What composed metrics are made of: known names, no circles, one set of groups, like filters."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from kpi_pipeline.model.composed import Composed, CumulativeMetric, RatioMetric
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.declaration.section import Section
from kpi_pipeline.model.declaration.spans import CENTURY_DAYS
from kpi_pipeline.model.metric import Metric, SimpleMetric
from kpi_pipeline.model.term import Term, leaves_of, terms_below
from kpi_pipeline.model.window import Frame

DEEPEST = 20
MOST_TERMS = 200
"""Different figures that one metric is computed from; offsets over offsets multiply."""


def resolved(metrics: Mapping[str, Metric], section: Section) -> Mapping[str, Metric]:
    """The metrics in their declared order, with the groups of those that are composed.

    Raises:
        SpecError: Names the metric and what is wrong with it.
    """
    resolver = _Resolver(metrics, section)
    for name in metrics:
        resolver.resolve(name, ())
    return {name: resolver.known[name] for name in metrics}


class _Resolver:
    """Goes down from each metric to the simple ones, and looks at each metric once."""

    def __init__(self, metrics: Mapping[str, Metric], section: Section) -> None:
        self.metrics = metrics
        self.section = section
        self.known: dict[str, Metric] = {
            n: m for n, m in metrics.items() if isinstance(m, SimpleMetric)
        }
        self.depths: dict[str, int] = dict.fromkeys(self.known, 0)

    def resolve(self, name: str, above: tuple[str, ...]) -> None:
        metric = self.metrics[name]
        if name in self.known or isinstance(metric, SimpleMetric):
            return
        own, path = self.section.section(name), (*above, name)
        for key, part in _named(metric):
            self._check_name(own, key, part, path)
            self.resolve(part, path)
            if self.depths[part] >= DEEPEST:
                raise own.error(f"is made of metrics more than {DEEPEST} deep", key)
        self.depths[name] = 1 + max(self.depths[part] for _, part in _named(metric))
        self.known[name] = replace(metric, group_by=_group_by(metric, self.known, own))
        _check_terms(name, self.known, own)
        if isinstance(metric, RatioMetric) and not metric.different_filters:
            _check_filters(metric, self.known, own)

    def _check_name(self, own: Section, key: str, part: str, path: tuple[str, ...]) -> None:
        if part in path:
            circle = " -> ".join((*path[path.index(part) :], part))
            raise own.error(f"refers to itself: {circle}", key)
        if part not in self.metrics:
            raise own.error(f"unknown metric {part!r}{did_you_mean(part, self.metrics)}", key)
        if len(path) > DEEPEST:
            raise own.error(f"is made of metrics more than {DEEPEST} deep", key)


def _named(metric: Composed) -> Iterator[tuple[str, str]]:
    """The key that names a metric, and the metric's name."""
    if isinstance(metric, RatioMetric):
        yield from (("numerator", metric.numerator), ("denominator", metric.denominator))
    elif isinstance(metric, CumulativeMetric):
        yield "metric", metric.metric
    else:
        plain = all(item.alias == item.metric and not item.offset for item in metric.inputs)
        for item in metric.inputs:
            yield "expr" if plain else "metrics", item.metric


def _group_by(metric: Composed, known: Mapping[str, Metric], own: Section) -> tuple[str, ...]:
    grouped = {part: known[part].group_by for _, part in _named(metric) if known[part].group_by}
    if len(set(grouped.values())) > 1:
        told = "; ".join(f"{part}: {', '.join(columns)}" for part, columns in grouped.items())
        raise own.error(
            f"its metrics are grouped by different columns ({told}); give all that have a "
            "group_by the same columns in the same order"
        )
    return next(iter(grouped.values()), ())


def _check_terms(name: str, known: Mapping[str, Metric], own: Section) -> None:
    """Before anything is computed: a few nested lines can ask for a million figures."""
    for count, term in enumerate(terms_below(known, Term(name, Frame()))):
        if count >= MOST_TERMS:
            raise own.error(f"is computed from more than {MOST_TERMS} different figures")
        if sum(shift.most_days for shift in term.frame.shifts) > CENTURY_DAYS * 31 // 30:
            raise own.error("its offsets reach back more than a century together")


def _check_filters(metric: RatioMetric, known: Mapping[str, Metric], own: Section) -> None:
    leaves = {
        leaf.metric: known[leaf.metric] for leaf in leaves_of(known, Term(metric.name, Frame()))
    }
    filters = {leaf.filter for leaf in leaves.values() if isinstance(leaf, SimpleMetric)}
    if len(filters) > 1:
        raise own.error(
            "numerator and denominator have different filters, so the ratio would compare "
            "different rows; give both the same filter, or say `different_filters: true`"
        )
