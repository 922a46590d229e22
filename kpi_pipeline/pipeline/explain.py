"""Explain: a published number's meaning, and its proof from the source."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from kpi_pipeline.compute.explanation import Explanation, explanation
from kpi_pipeline.compute.frames import Held, Totals
from kpi_pipeline.compute.leaf import Basis, BasisOf, apart_of
from kpi_pipeline.compute.proof import Proof, prove
from kpi_pipeline.compute.retention import retention
from kpi_pipeline.compute.spelling import Write
from kpi_pipeline.compute.windows import Bounds
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.errors import StateError
from kpi_pipeline.model.metric import SimpleMetric
from kpi_pipeline.model.moment import floor_minute, total_minutes, union
from kpi_pipeline.model.snapshot import Snapshot
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.term import Term, leaves_of
from kpi_pipeline.model.window import Frame
from kpi_pipeline.pipeline.present import present_snapshot
from kpi_pipeline.pipeline.publish import held_by
from kpi_pipeline.ports.source import Answers, Source
from kpi_pipeline.ports.store import Store
from kpi_pipeline.ports.unit import UnitOfWork

NOTHING = "{} has not folded anything yet; run `kpi-pipeline advance`"


def explain(
    spec: PipelineSpec,
    store: Store,
    metric: str,
    window: str,
    group: Dims = (),
    write: Write | None = None,
) -> Explanation:
    """Explain the last published value of a metric over a window; see `explanation`.

    Args:
        spec: Of the pipeline.
        store: Where its state is.
        metric: Its name.
        window: Name of the window.
        group: One value a `group_by` column; empty for every group.
        write: Writes the source's statement.

    Raises:
        StateError: Nothing was published yet, or not this metric.
        UnknownNameError: There is no such metric, window or group.
    """
    snapshot = _published(spec, store)
    with store.read() as unit:
        basis = _basis(spec, unit, snapshot, metric, window)
    return _told(explanation(spec, snapshot, metric, window, group=group, write=write, basis=basis))


def explain_shown(
    spec: PipelineSpec,
    store: Store,
    metric: str,
    window: str,
    group: Dims = (),
    write: Write | None = None,
    *,
    seen: Snapshot | None = None,
) -> Explanation:
    """The same of the value as of the last good look, or as `seen` if nothing newer is there.

    Raises:
        StateError, UnknownNameError: See `explain`.
    """
    with store.watch() as watch:  # both of one commit
        snapshot = present_snapshot(spec, watch, watch.life())
        if snapshot is None:
            raise StateError(NOTHING.format(spec.name))
        if seen is not None and _age(seen) == _age(snapshot):
            snapshot = seen
        basis = _basis(spec, watch, snapshot, metric, window)
    return _told(explanation(spec, snapshot, metric, window, group=group, write=write, basis=basis))


def _age(snapshot: Snapshot) -> tuple[int, datetime]:
    return snapshot.revision, floor_minute(snapshot.as_of)


def _told(found: Explanation) -> Explanation:
    if not found.readings and not found.metric.group_by:
        what = f"{found.metric.name} over {found.window.name}"
        raise StateError(f"{what} is newly declared; run `kpi-pipeline advance`")
    return found


def _published(spec: PipelineSpec, store: Store) -> Snapshot:
    published = store.latest()
    if published is None:
        raise StateError(NOTHING.format(spec.name))
    return published.snapshot


def _basis(
    spec: PipelineSpec, unit: UnitOfWork, snapshot: Snapshot, metric: str, window: str
) -> BasisOf | None:
    """Of a composed metric, what the state says of its leaves: no snapshot shows them all."""
    unknown = metric not in spec.metrics or window not in spec.windows
    if unknown or isinstance(spec.metrics[metric], SimpleMetric):
        return None
    leaves = leaves_of(spec.metrics, Term(metric, Frame(reach=spec.windows[window].reach)))
    grouped = [leaf for leaf in leaves if spec.metrics[leaf.metric].group_by]
    state = replace(unit.state(), as_of=snapshot.as_of)
    held = held_by(spec, state)
    asked = held.asked(grouped)
    kept = retention(spec, snapshot.as_of).rolled(state.rolled_until)
    totals = {each.span: item for each, item in zip(asked, unit.totals(asked, kept), strict=True)}
    known = {leaf: _basis_of(leaf, held, totals) for leaf in leaves}
    return known.__getitem__


def _basis_of(leaf: Term, held: Held, totals: Mapping[Bounds, Totals]) -> Basis:
    groups = (dims for name, dims in totals.get(held.span(leaf.frame), {}) if name == leaf.metric)
    return Basis(ready=held.ready(leaf), apart=apart_of(groups))


def confirm(found: Explanation, answers: Answers) -> tuple[Proof, ...]:
    """Run the explanation's statements against the source, and hold both numbers together.

    Raises:
        SourceError: The source cannot answer.
    """
    return prove(found, [answers.ask(leaf.statement.sql) for leaf in found.leaves])


def waiting(source: Source, store: Store, found: Explanation) -> int:
    """How many minutes of what it reads changed since the last check, or wait to be folded.

    History that is filled for other metrics than these does not count.

    Raises:
        SourceError, StateError: A look was not possible.
    """
    state = store.load()
    look = source.detect(state.position)
    metrics = {leaf.metric.name for leaf in found.leaves}
    ranges = union(
        [*look.changed, *(d.interval for d in state.dirty if d.live or d.metrics & metrics)]
    )
    spans = {leaf.span for leaf in found.leaves}
    inside = (item.clip(s.start or item.start, s.end) for s in spans for item in ranges)
    return total_minutes(part for part in inside if part is not None)
