"""Audit: hold the state against the source, bucket by bucket, newest first; mend what differs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kpi_pipeline.compute.drift import difference_of
from kpi_pipeline.model.audit import MOST_DRIFTS, Audit, Drift
from kpi_pipeline.model.batch import Slice
from kpi_pipeline.model.errors import SourceError, SourceTimeoutError, StateError
from kpi_pipeline.model.moment import Interval, subtract, total_minutes, union
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.state import Cause, Dirty
from kpi_pipeline.pipeline.compared import Compared, compare
from kpi_pipeline.pipeline.pace import Pace
from kpi_pipeline.pipeline.scope import Scope, asked_of
from kpi_pipeline.ports.source import Source
from kpi_pipeline.ports.store import Store


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
    asked, whole = asked_of(spec, state, source, store, scope)
    found, pace, left = Compared(), Pace(), union([asked] if asked else [])
    deadline, failure = clock() + budget.total_seconds(), None
    try:
        while left and (not found.intervals or clock() < deadline):
            piece = _compare(spec, source, store, left, found, pace, clock=clock)
            left = subtract(left, piece.intervals) if piece else left
            progress(_progress(found, left))
    except SourceError as error:
        failure = error
    result = _result(
        spec,
        found.at or as_of,
        scope,
        found,
        complete=failure is None and whole and not left,
        # An audit of all history that failed is not gone on with: the next one would fail at the
        # same day again, and never come back to the newer ones.
        all_history=failure is None and scope.since is None,
    )
    if failure is None or found.intervals:  # what was compared is proven, whatever came then
        if scope.repair and found.drifts:
            store.enqueue([Dirty(item, Cause.AUDIT) for item in _places(found.drifts)])
        store.save_audit(result)
    if failure is not None:
        raise failure
    return result


def _compare(
    spec: PipelineSpec,
    source: Source,
    store: Store,
    left: tuple[Interval, ...],
    found: Compared,
    pace: Pace,
    *,
    clock: Callable[[], float],
) -> Slice | None:
    """Compare one slice; None if it was too much for the source, which is then asked for less."""
    began = clock()
    try:
        piece = compare(spec, source, store, left, pace.days, found)
    except SourceTimeoutError as error:
        pace.timed_out(error)
        return None
    pace.went(clock() - began)
    return piece


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
    *,
    complete: bool,
    all_history: bool,
) -> Audit:
    done = union(found.intervals)
    return Audit(
        at=at,
        interval=Interval(done[0].start, done[-1].end) if done else None,
        complete=complete,
        all_history=all_history,
        buckets=found.values,
        rows=found.rows,
        pending=total_minutes(found.pending),
        drifted=len(found.drifts),
        drifts=tuple(found.drifts[:MOST_DRIFTS]),
        difference=difference_of(spec, found.drifts),
        queued=total_minutes(_places(found.drifts)) if scope.repair else 0,
    )
