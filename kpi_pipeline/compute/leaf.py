"""Leaves: the simple metrics over single intervals that an explained number comes down to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from kpi_pipeline.compute.explain import metric_sql
from kpi_pipeline.compute.spelling import Apart, Statement, Write
from kpi_pipeline.compute.windows import Bounds, frame_bounds
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.group import is_other
from kpi_pipeline.model.metric import SimpleMetric
from kpi_pipeline.model.snapshot import Snapshot
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.term import Term, leaves_of
from kpi_pipeline.model.window import Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What the state says of one leaf.

    Attributes:
        ready: Whether history holds all that the leaf needs.
        apart: The groups that it keeps apart there, where it sums others together.
    """

    ready: bool = True
    apart: Apart = None


def apart_of(groups: Iterable[Dims]) -> Apart:
    """Of the groups of a leaf those that are told apart; None where that is all of them."""
    found = tuple(groups)
    names = tuple(dims for dims in found if not is_other(dims))
    return names if len(names) < len(found) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One simple metric over one interval, and the statement that gives it again.

    Attributes:
        term: What the leaf is in its formula.
        group: The one group asked for; None where it is all groups, or there are none.
    """

    term: Term
    metric: SimpleMetric
    span: Bounds
    group: Dims | None
    basis: Basis
    statement: Statement


BasisOf = Callable[[Term], Basis]


def shown_by(snapshot: Snapshot, window: str, frame: Frame) -> BasisOf:
    """What a snapshot alone says of a leaf over a window: which groups are published by name."""

    def basis(leaf: Term) -> Basis:
        if leaf.frame != frame:
            return Basis()
        return Basis(apart=apart_of(item.dims for item in snapshot.find(leaf.metric, window)))

    return basis


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """A term to explain.

    Attributes:
        span: The bounds of its own frame, as published.
        group: The one group asked for; None for all.
    """

    term: Term
    span: Bounds
    as_of: datetime
    group: Dims | None


def leaves_behind(
    spec: PipelineSpec, top: Top, basis: BasisOf, write: Write | None
) -> tuple[Leaf, ...]:
    """Every leaf of a term, each once, with its own bounds and statement.

    Args:
        spec: Of the pipeline.
        top: The term.
        basis: What is known of a leaf.
        write: Writes the source's statement; None for PostgreSQL's with no types known.
    """

    def plain(metric: SimpleMetric, span: Bounds, group: Dims | None, apart: Apart) -> Statement:
        return Statement(sql=metric_sql(spec, metric, span, group=group, apart=apart))

    def leaf(term: Term, metric: SimpleMetric) -> Leaf:
        known = basis(term)
        own = term.frame == top.term.frame
        span = top.span if own else frame_bounds(term.frame, top.as_of, spec.timezone)
        group = top.group if metric.group_by else None
        statement = (write or plain)(metric, span, group, known.apart)
        return Leaf(
            term=term, metric=metric, span=span, group=group, basis=known, statement=statement
        )

    found = ((t, spec.metrics[t.metric]) for t in leaves_of(spec.metrics, top.term))
    return tuple(leaf(term, metric) for term, metric in found if isinstance(metric, SimpleMetric))
