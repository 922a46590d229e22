"""What a metric over a window is made of: terms, down to simple metrics over single frames."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from kpi_pipeline.model.composed import CumulativeMetric, DerivedMetric, RatioMetric
from kpi_pipeline.model.metric import Metric, SimpleMetric
from kpi_pipeline.model.window import Frame

NUMERATOR, DENOMINATOR, WHOLE = "numerator", "denominator", "metric"


@dataclass(frozen=True, slots=True)
class Term:
    """One metric over one frame.

    Attributes:
        whole: It says something only where history holds all of the frame: what lies in
            another frame than the window asked for is a comparison with it.
    """

    metric: str
    frame: Frame
    whole: bool = False


Metrics = Mapping[str, Metric]


def parts_of(metrics: Metrics, term: Term) -> Mapping[str, Term]:
    """The terms that a term is computed from, by what its metric calls them; none if simple."""
    metric = metrics[term.metric]
    if isinstance(metric, RatioMetric):
        sides = {NUMERATOR: metric.numerator, DENOMINATOR: metric.denominator}
        return {key: replace(term, metric=name) for key, name in sides.items()}
    if isinstance(metric, DerivedMetric):
        return {
            item.alias: Term(
                item.metric, term.frame.moved(item.offset), term.whole or item.offset is not None
            )
            for item in metric.inputs
        }
    if isinstance(metric, CumulativeMetric):
        frame = replace(term.frame, reach=metric.reach)
        return {WHOLE: Term(metric.metric, frame, whole=True)}
    return {}


def terms_below(metrics: Metrics, term: Term) -> Iterator[Term]:
    """The term and all that it is computed from, each once."""
    seen, left = {term}, [term]
    while left:
        here = left.pop()
        yield here
        fresh = [part for part in parts_of(metrics, here).values() if part not in seen]
        seen.update(fresh)
        left.extend(reversed(dict.fromkeys(fresh)))


def leaves_of(metrics: Metrics, term: Term) -> tuple[Term, ...]:
    """The simple metrics over single frames that a term comes down to, each once."""
    found = terms_below(metrics, term)
    return tuple(item for item in found if isinstance(metrics[item.metric], SimpleMetric))
