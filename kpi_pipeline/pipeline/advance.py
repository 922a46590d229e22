"""Advance: fold what is due, newest first, until nothing is left or time is up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from kpi_pipeline.compute.groups import warnings_of
from kpi_pipeline.model.batch import SourceReport
from kpi_pipeline.model.correction import Correction
from kpi_pipeline.model.errors import RefillError, SourceTimeoutError
from kpi_pipeline.model.live import Tick, TickKind
from kpi_pipeline.model.moment import total_minutes
from kpi_pipeline.model.snapshot import Published
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.pipeline.conflicts import retrying
from kpi_pipeline.pipeline.fold import Folded, fold
from kpi_pipeline.pipeline.pace import Pace
from kpi_pipeline.pipeline.turn import Turn
from kpi_pipeline.ports.source import Source
from kpi_pipeline.ports.store import Store

MOST_PURGED = 20_000
"""Rows of removed metrics that one run drops: so many take a fraction of a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run has come.

    Attributes:
        folded_minutes: Minute buckets folded by this run.
        left_minutes: Minute buckets still waiting.
        filled: See `Snapshot`.
    """

    folded_minutes: int
    left_minutes: int
    rows: int
    filled: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run did.

    Attributes:
        published: What readers now see; None only if nothing was ever published.
        folded_by_us: False if another process was folding, so that this run only looked.
        steps: Transactions committed.
        corrections: Shown numbers that changed.
        everything: Why all of history is folded again, if it is.
        failure: Names a metric whose history the source cannot give; what is published is right
            for all others, and callers raise this once they have told that.
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
    failure: RefillError | None = None

    @property
    def tick(self) -> Tick:
        """The run, to be written down where it folded and did not fail."""
        shown = self.published.snapshot if self.published else None
        left = f", {self.left_minutes:,} minute buckets left" if self.left_minutes else ""
        return Tick(
            kind=TickKind.RUN,
            as_of=shown.as_of if shown else None,
            watermark=shown.watermark if shown else None,
            rows=self.rows,
            reason=f"{self.rows:,} rows read in {_count(self.steps, 'step')}{left}",
        )


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
        steps, failure = _fold_until(spec, source, store, deadline, clock, progress, sweep=sweep)
        store.purge(MOST_PURGED)
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
        failure=failure,
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
) -> tuple[list[Folded], RefillError | None]:
    """The steps, and why the history of some metric could not be filled in them."""
    steps: list[Folded] = []
    turn: Turn | None = Turn.LIVE
    pace, done, failed = Pace(), 0, dict[str, RefillError]()
    while not steps or (turn is not None and clock() < deadline):
        began, barred = clock(), frozenset(failed)
        try:
            step = _fold_retrying(
                spec, source, store, pace.days, sweep=sweep, turn=turn or Turn.LIVE, barred=barred
            )
        except SourceTimeoutError as error:
            pace.timed_out(error)
            continue
        except RefillError as error:
            failed[error.metric] = error
            continue
        steps.append(step)
        turn = step.following
        if turn is not Turn.REFILL:  # else it was a look between refills, which tells no pace
            pace.went(clock() - began)
        sweep = False
        done += total_minutes(step.piece.intervals)
        progress(_progress(steps, done))
    return steps, next(iter(failed.values()), None)


def _progress(steps: Sequence[Folded], done: int) -> Progress:
    last = steps[-1]
    return Progress(
        folded_minutes=done,
        left_minutes=total_minutes(last.backlog),
        rows=sum(step.rows for step in steps),
        filled=last.published.snapshot.filled,
    )


def _fold_retrying(
    spec: PipelineSpec,
    source: Source,
    store: Store,
    days: int,
    *,
    sweep: bool,
    turn: Turn,
    barred: frozenset[str],
) -> Folded:
    """A rewind may commit between our read and our write: then what we read is stale.

    So may a backfill of history, again and again: then one day at a time gets past it.
    """
    return retrying(
        lambda tried: fold(
            spec, source, store, 1 if tried else days, sweep=sweep, turn=turn, barred=barred
        )
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


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
