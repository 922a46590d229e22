"""Advance: fold what is due, newest first, until nothing is left or time is up."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from kpi_pipeline.compute.groups import warnings_of
from kpi_pipeline.model.batch import SourceReport
from kpi_pipeline.model.correction import Correction
from kpi_pipeline.model.errors import SourceTimeoutError
from kpi_pipeline.model.moment import total_minutes
from kpi_pipeline.model.snapshot import Published
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.pipeline.conflicts import retrying
from kpi_pipeline.pipeline.fold import Folded, fold
from kpi_pipeline.pipeline.pace import Pace
from kpi_pipeline.ports.source import Source
from kpi_pipeline.ports.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run has come.

    Attributes:
        folded_minutes: Minute buckets folded by this run.
        left_minutes: Minute buckets still waiting.
    """

    folded_minutes: int
    left_minutes: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run did.

    Attributes:
        published: What readers now see; None only if nothing was ever published.
        folded_by_us: False if another process was folding, so that this run only looked.
        steps: Transactions committed.
        corrections: Shown numbers that changed.
        everything: Why all of history is folded again, if it is.
    """

    published: Published | None
    folded_by_us: bool
    rows: int
    steps: int
    notices: int
    left_minutes: int
    report: SourceReport | None
    corrections: tuple[Correction, ...] = ()
    everything: str | None = None


def advance(
    spec: PipelineSpec,
    source: Source,
    store: Store,
    *,
    budget: timedelta,
    clock: Callable[[], float],
    progress: Callable[[Progress], None] = lambda _: None,
    sweep: bool = False,
) -> Outcome:
    """Fold until the backlog is empty or the budget is spent; at least one step.

    Each step is committed, so whatever kills this run, the next one goes on from there.

    Args:
        spec: What to fold.
        source: Where from.
        store: Where to.
        budget: No step starts after this long.
        clock: Monotonic seconds.
        progress: Told after every step.
        sweep: Look for updates of old rows too; reads the whole table once.

    Raises:
        SourceError, StateError: The steps before it stay committed.
    """
    with store.exclusive() as alone:
        if not alone:
            return _looked(store)
        report = source.inspect()
        deadline = clock() + budget.total_seconds()
        steps = _fold_until(spec, source, store, deadline, clock, progress, sweep=sweep)
    last = steps[-1]
    too_many = warnings_of(spec, last.published.snapshot)
    return Outcome(
        published=last.published,
        folded_by_us=True,
        rows=sum(step.rows for step in steps),
        steps=len(steps),
        notices=sum(step.notices for step in steps),
        left_minutes=total_minutes(last.backlog),
        report=replace(report, warnings=(*report.warnings, *too_many, *last.warnings)),
        corrections=tuple(item for step in steps for item in step.corrections),
        everything=next((step.everything for step in steps if step.everything), None),
    )


def _fold_until(
    spec: PipelineSpec,
    source: Source,
    store: Store,
    deadline: float,
    clock: Callable[[], float],
    progress: Callable[[Progress], None],
    *,
    sweep: bool,
) -> list[Folded]:
    steps: list[Folded] = []
    pace, done = Pace(), 0
    while not steps or (steps[-1].backlog and clock() < deadline):
        began = clock()
        try:
            steps.append(_fold_retrying(spec, source, store, pace.days, sweep=sweep))
        except SourceTimeoutError as error:
            pace.timed_out(error)
            continue
        pace.went(clock() - began)
        sweep = False
        done += total_minutes(steps[-1].piece.intervals)
        rows = sum(step.rows for step in steps)
        left = total_minutes(steps[-1].backlog)
        progress(Progress(folded_minutes=done, left_minutes=left, rows=rows))
    return steps


def _fold_retrying(
    spec: PipelineSpec, source: Source, store: Store, days: int, *, sweep: bool
) -> Folded:
    """A rewind may commit between our read and our write: then what we read is stale.

    So may a backfill of history, again and again: then one day at a time gets past it.
    """
    return retrying(lambda tried: fold(spec, source, store, 1 if tried else days, sweep=sweep))


def _looked(store: Store) -> Outcome:
    latest = store.latest()
    left = latest.snapshot.backlog_minutes if latest else 0
    return Outcome(
        published=latest,
        folded_by_us=False,
        rows=0,
        steps=0,
        notices=0,
        left_minutes=left,
        report=None,
    )
