"""The scope of an audit: what is asked for, and what that means today."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kpi_pipeline.compute.calendar import day_start, whole_days
from kpi_pipeline.model.moment import Interval
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.state import PipelineState
from kpi_pipeline.pipeline.backlog import span
from kpi_pipeline.ports.source import Source
from kpi_pipeline.ports.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What to audit.

    Attributes:
        since: Oldest event time; None means all of history.
        share: At most this share of all days, newest first.
        resume: Go on where the last audit of all history stopped before its end.
        repair: Queue what differs to be folded again.
    """

    since: datetime | None = None
    share: float = 1.0
    resume: bool = False
    repair: bool = False


def asked_of(
    spec: PipelineSpec, state: PipelineState, source: Source, store: Store, scope: Scope
) -> tuple[Interval | None, bool]:
    """What to compare, and whether that is all that the scope names or a part of it.

    Whole days, so that the days that minutes make can be compared too.
    """
    history = span(state, source.extent())
    if history is None:
        return None, True
    end = _resumed(store, history) if scope.resume and not scope.since else history.end
    asked = history.clip(scope.since or history.start, end)
    if asked is None:
        return None, True
    asked = whole_days(asked, spec.timezone)
    if scope.share >= 1:
        return asked, end == history.end
    # Rows of a far future come with today: of the years up to them a share holds nothing else.
    until = min(history.end, day_start(state.as_of or history.end, spec.timezone, shift=1))
    days = max(int((until - history.start) / timedelta(days=1) * scope.share), 1)
    first = day_start(min(asked.end, until), spec.timezone, shift=-days)
    return Interval(max(first, asked.start), asked.end), False


def _resumed(store: Store, history: Interval) -> datetime:
    """Where the last audit of all history stopped before its end."""
    last = store.audit(all_history=True)
    if last is None or last.complete or last.interval is None:
        return history.end
    return last.interval.start if last.interval.start > history.start else history.end
