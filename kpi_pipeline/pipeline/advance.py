"""Advance: fold what is due, newest first, until nothing is left or time is up."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from kpi_pipeline.compute.groups import warnings_of
from kpi_pipeline.model.batch import SourceReport
from kpi_pipeline.model.errors import SourceTimeoutError, StateConflictError
from kpi_pipeline.model.moment import total_minutes
from kpi_pipeline.model.snapshot import Published
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.pipeline.fold import Folded, fold
from kpi_pipeline.ports import Source, Store

MOST_CONFLICTS = 20
MOST_DAYS = 36_600
BRISK = 1.0
"""Seconds: a step faster than this takes twice the days next time, a slow one half."""


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
    """

    published: Published | None
    folded_by_us: bool
    rows: int
    steps: int
    notices: int
    left_minutes: int
    report: SourceReport | None


def advance(
    spec: PipelineSpec,
    source: Source,
    store: Store,
    *,
    budget: timedelta,
    clock: Callable[[], float],
    progress: Callable[[Progress], None] = lambda _: None,
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

    Raises:
        SourceError, StateError: The steps before it stay committed.
    """
    with store.exclusive() as alone:
        if not alone:
            return _looked(store)
        report = source.inspect()
        deadline = clock() + budget.total_seconds()
        steps = _fold_until(spec, source, store, deadline, clock, progress)
    last = steps[-1]
    too_many = warnings_of(spec, last.published.snapshot)
    return Outcome(
        published=last.published,
        folded_by_us=True,
        rows=sum(step.rows for step in steps),
        steps=len(steps),
        notices=sum(step.notices for step in steps),
        left_minutes=total_minutes(last.backlog),
        report=replace(report, warnings=(*report.warnings, *too_many)),
    )


def _fold_until(
    spec: PipelineSpec,
    source: Source,
    store: Store,
    deadline: float,
    clock: Callable[[], float],
    progress: Callable[[Progress], None],
) -> list[Folded]:
    steps: list[Folded] = []
    days, done, most = 1, 0, MOST_DAYS
    while not steps or (steps[-1].backlog and clock() < deadline):
        began = clock()
        try:
            steps.append(_fold_retrying(spec, source, store, days))
        except SourceTimeoutError:
            if days == 1:
                raise
            days = most = max(days // 4, 1)
            continue
        days = min(_pace(days, clock() - began), most)
        done += total_minutes(steps[-1].piece.intervals)
        rows = sum(step.rows for step in steps)
        left = total_minutes(steps[-1].backlog)
        progress(Progress(folded_minutes=done, left_minutes=left, rows=rows))
    return steps


def _fold_retrying(spec: PipelineSpec, source: Source, store: Store, days: int) -> Folded:
    """A rewind may commit between our read and our write: then what we read is stale."""
    for _ in range(MOST_CONFLICTS):
        try:
            return fold(spec, source, store, days)
        except StateConflictError:
            continue
    return fold(spec, source, store, days)


def _pace(days: int, seconds: float) -> int:
    if seconds < BRISK:
        return days * 2
    return max(days // 2, 1) if seconds > 4 * BRISK else days


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
