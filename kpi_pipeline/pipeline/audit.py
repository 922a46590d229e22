"""Audit: hold the state against the source, bucket by bucket, newest first; mend what differs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kpi_pipeline.compute.calendar import day_start, whole_days
from kpi_pipeline.compute.drift import difference_of
from kpi_pipeline.model.audit import MOST_DRIFTS, Audit, Drift
from kpi_pipeline.model.errors import SourceTimeoutError, StateError
from kpi_pipeline.model.moment import Interval, subtract, total_minutes, union
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.state import Cause, Dirty, PipelineState
from kpi_pipeline.pipeline.backlog import span
from kpi_pipeline.pipeline.compared import Compared, compare
from kpi_pipeline.pipeline.pace import Pace
from kpi_pipeline.ports import Source, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What to audit.

    Attributes:
        since: Oldest event time; None means all of history.
        share: At most this share of all days, newest first; the next audit goes on from there.
        repair: Queue what differs to be folded again.
    """

    since: datetime | None = None
    share: float = 1.0
    repair: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditProgress:
    """How far an audit has come, in minute buckets."""

    done_minutes: int
    left_minutes: int
    drifted: int


def audit(
    spec: PipelineSpec,
    source: Source,
    store: Store,
    scope: Scope,
    *,
    budget: timedelta,
    clock: Callable[[], float],
    progress: Callable[[AuditProgress], None] = lambda _: None,
) -> Audit:
    """Compare slice by slice until all is compared or the budget is spent; write the result down.

    Raises:
        StateError: Nothing was folded yet.
        SourceError: The source is away, or is another one than was folded.
    """
    state = store.load()
    as_of = state.as_of
    if as_of is None:
        raise StateError("nothing was folded yet, so there is nothing to audit; run `advance`")
    asked = _asked(spec, state, source, store, scope)
    found, pace, left = Compared(), Pace(), [asked] if asked else []
    deadline = clock() + budget.total_seconds()
    while left and (not found.intervals or clock() < deadline):
        began = clock()
        try:
            piece = compare(spec, source, store, union(left), pace.days, found)
        except SourceTimeoutError as error:
            pace.timed_out(error)
            continue
        pace.went(clock() - began)
        left = list(subtract(left, piece.intervals))
        progress(_progress(found, left))
    result = _result(spec, found.at or as_of, scope, found, left)
    if scope.repair and found.drifts:
        store.enqueue([Dirty(item, Cause.AUDIT) for item in _places(found.drifts)])
    store.save_audit(result)
    return result


def _asked(
    spec: PipelineSpec, state: PipelineState, source: Source, store: Store, scope: Scope
) -> Interval | None:
    """Whole days, so that the days that minutes make can be compared too."""
    history = span(state, source.extent())
    if history is None:
        return None
    end = history.end if scope.since else _resumed(store, history)
    asked = history.clip(scope.since or history.start, end)
    if asked is None:
        return None
    asked = whole_days(asked, spec.timezone)
    days = max(int((history.end - history.start) / timedelta(days=1) * scope.share), 1)
    first = day_start(asked.end, spec.timezone, shift=-days)
    return asked if scope.share >= 1 else Interval(max(first, asked.start), asked.end)


def _resumed(store: Store, history: Interval) -> datetime:
    """Where the last audit of all history stopped before its end."""
    last = store.audit(all_history=True)
    if last is None or last.complete or last.interval is None:
        return history.end
    return last.interval.start if last.interval.start > history.start else history.end


def _progress(found: Compared, left: Sequence[Interval]) -> AuditProgress:
    return AuditProgress(
        done_minutes=total_minutes(found.intervals),
        left_minutes=total_minutes(left),
        drifted=len(found.drifts),
    )


def _places(drifts: Sequence[Drift]) -> tuple[Interval, ...]:
    return union(Interval(drift.bucket, drift.end) for drift in drifts)


def _result(
    spec: PipelineSpec,
    at: datetime,
    scope: Scope,
    found: Compared,
    left: Sequence[Interval],
) -> Audit:
    done = union(found.intervals)
    return Audit(
        at=at,
        interval=Interval(done[0].start, done[-1].end) if done else None,
        complete=not left and (scope.since is not None or scope.share >= 1),
        all_history=scope.since is None,
        buckets=found.values,
        rows=found.rows,
        pending=total_minutes(found.pending),
        drifted=len(found.drifts),
        drifts=tuple(found.drifts[:MOST_DRIFTS]),
        difference=difference_of(spec, found.drifts),
        queued=total_minutes(_places(found.drifts)) if scope.repair else 0,
    )
