"""From partials to readings: every metric over every window and its baseline."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from kpi_pipeline.compute.aggregation import value_of
from kpi_pipeline.compute.figure import NOTHING, Figure, Read, reader_of
from kpi_pipeline.compute.frames import Asked, Held, Totals
from kpi_pipeline.compute.partial import ZERO
from kpi_pipeline.compute.windows import Bounds
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.group import OTHER
from kpi_pipeline.model.metric import SimpleMetric
from kpi_pipeline.model.snapshot import Reading
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.term import Term, leaves_of
from kpi_pipeline.model.window import Frame

Wanted = AbstractSet[tuple[str, str]]
"""Names of a metric and a window, each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One metric over one window.

    Attributes:
        now: What is read for its value.
        before: What is read for its baseline; None without one.
    """

    window: str
    now: Term
    before: Term | None
    leaves: tuple[Term, ...]
    leaves_before: tuple[Term, ...]


def pairs_of(
    spec: PipelineSpec, wanted: Wanted | None = None, compared: Wanted = frozenset()
) -> tuple[Pair, ...]:
    """Every declared metric over every window.

    Args:
        spec: Of the pipeline.
        wanted: Only these; None for all, with their baselines.
        compared: Which of those that are wanted need their baselines.
    """
    return tuple(
        _pair(spec, metric, window, compared=wanted is None or (metric, window) in compared)
        for window in spec.windows
        for metric in spec.metrics
        if wanted is None or (metric, window) in wanted
    )


def _pair(spec: PipelineSpec, metric: str, window: str, *, compared: bool) -> Pair:
    declared = spec.windows[window]
    now = Term(metric, Frame(reach=declared.reach))
    before = None
    if compared and declared.offset is not None:
        before = Term(metric, now.frame.moved(declared.offset), whole=True)
    return pair_of(spec, now, before, window)


def pair_of(spec: PipelineSpec, now: Term, before: Term | None = None, window: str = "") -> Pair:
    """A term, and what it is compared with if anything."""
    return Pair(
        window=window,
        now=now,
        before=before,
        leaves=leaves_of(spec.metrics, now),
        leaves_before=() if before is None else leaves_of(spec.metrics, before),
    )


def asked_of(held: Held, pairs: tuple[Pair, ...]) -> tuple[Asked, ...]:
    """What to read of the state for these pairs."""
    return held.asked(leaf for pair in pairs for leaf in (*pair.leaves, *pair.leaves_before))


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Totals by the interval that was asked for, and what they can say.

    Attributes:
        totals: By interval; one that was not asked for is not needed.
    """

    spec: PipelineSpec
    held: Held
    totals: Mapping[Bounds, Totals]
    _groups: dict[Bounds, dict[str, list[Dims]]] = field(default_factory=dict, repr=False)

    def readings(self, pairs: tuple[Pair, ...]) -> Iterator[Reading]:
        """One for each pair; of a grouped metric one for each group that has rows there."""
        for pair in pairs:
            yield from self.of(pair, self._dims(pair))

    def absent(self, pairs: tuple[Pair, ...]) -> Iterator[Reading]:
        """Of each grouped metric, what a group that has no rows would read."""
        for pair in pairs:
            if self.spec.metrics[pair.now.metric].group_by:
                yield from self.of(pair, [()])

    def _dims(self, pair: Pair) -> list[Dims]:
        if not self.spec.metrics[pair.now.metric].group_by:
            return [()]
        grouped = (leaf for leaf in pair.leaves if self.spec.metrics[leaf.metric].group_by)
        found = {dims for leaf in grouped for dims in self._known(leaf)}
        return sorted(found, key=lambda dims: [(v is None, v or "") for v in dims])

    def _known(self, leaf: Term) -> list[Dims]:
        span = self.held.span(leaf.frame)
        if span not in self._groups:
            by_metric = self._groups.setdefault(span, defaultdict(list))
            for metric, dims in self.totals.get(span, {}):
                by_metric[metric].append(dims)
        return self._groups[span].get(leaf.metric, []) if self.held.ready(leaf) else []

    def of(self, pair: Pair, groups: Sequence[Dims]) -> Iterator[Reading]:
        """One for each of these groups, whether it has rows there or not."""
        metric = self.spec.metrics[pair.now.metric]
        span = self.held.span(pair.now.frame)
        building = any(map(self.held.building, pair.leaves))
        refolding = any(map(self.held.refolding, (*pair.leaves, *pair.leaves_before)))
        now, before = self._reader(pair.now), self._baseline(pair)
        for dims in groups:
            value, rows = now(dims)
            yield Reading(
                metric=metric.name,
                window=pair.window,
                dims=dims,
                value=value,
                rows=rows,
                unit=metric.unit,
                start=span.start,
                end=span.end,
                baseline=before(dims).value,
                building=building,
                refolding=refolding,
            )

    def _baseline(self, pair: Pair) -> Read:
        ready = pair.before is not None and all(map(self.held.ready, pair.leaves_before))
        return self._reader(pair.before) if pair.before and ready else _nothing

    def _reader(self, term: Term) -> Read:
        simple = isinstance(self.spec.metrics[term.metric], SimpleMetric)
        return reader_of(self.spec.metrics, term, self._leaf if simple else self._part)

    def _leaf(self, leaf: Term) -> Read:
        metric = self.spec.metrics[leaf.metric]
        if not isinstance(metric, SimpleMetric) or not self.held.ready(leaf):
            return _nothing
        totals = self.totals[self.held.span(leaf.frame)]

        def read(dims: Dims) -> Figure:
            partial = totals.get((metric.name, dims), ZERO)
            return Figure(value_of(metric.agg, partial), partial.rows)

        if metric.group_by:
            return read
        whole = read(())
        return lambda _: whole

    def _part(self, leaf: Term) -> Read:
        """Of a composed metric: a group that is not there may be one of the others."""
        read, columns = self._leaf(leaf), self.spec.metrics[leaf.metric].group_by
        if not columns or not self.held.ready(leaf):
            return read
        totals, name = self.totals[self.held.span(leaf.frame)], leaf.metric
        if (name, (OTHER,) * len(columns)) not in totals:
            return read
        return lambda dims: read(dims) if (name, dims) in totals else NOTHING


def _nothing(_: Dims) -> Figure:
    return NOTHING
