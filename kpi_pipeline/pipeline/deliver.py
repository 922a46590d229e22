"""Deliver: send what the outbox holds; a channel that is down fails nothing but itself."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from kpi_pipeline.model.outbox import Delivery, OutboxState, Queued
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.pipeline.attempt import attempt
from kpi_pipeline.ports.delivery import Notifier, Outbox

LEASE = timedelta(seconds=60)
"""A message claimed longer ago than this was cut off: it may or may not have gone out."""
SHORT = timedelta(seconds=2)
"""So long a relay waits for its next message, while none is in its hands: a channel's pace."""
LEAST_REST = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What a relay did, each entry a sentence for a person."""

    sent: tuple[str, ...]
    failed: tuple[str, ...]


class _Paces(Mapping[str, float]):
    """The pace of every channel that can be had by name, also of those that are not listed."""

    def __init__(self, notifiers: Mapping[str, Notifier]) -> None:
        self._notifiers = notifiers

    def __getitem__(self, name: str) -> float:
        return self._notifiers[name].pace

    def __iter__(self) -> Iterator[str]:
        return iter(self._notifiers)

    def __len__(self) -> int:
        return len(self._notifiers)


def deliver(
    outbox: Outbox,
    notifiers: Mapping[str, Notifier],
    *,
    budget: timedelta,
    clock: Callable[[], float],
    rest: Callable[[float], None] | None = None,
    spec: PipelineSpec | None = None,
) -> Delivered:
    """Send due messages, oldest first, until none is due or the budget is spent.

    Args:
        outbox: Where messages wait.
        notifiers: Every channel by its name.
        budget: No attempt starts after this long.
        clock: Monotonic seconds.
        rest: Sleeps for so many seconds; without it a channel's pace ends this relay, and the
            next one goes on.
        spec: Says which channels a rule has besides, and what the business time is.

    Raises:
        StateError: The outbox cannot be read; what was sent before is written down.
    """
    deadline = clock() + budget.total_seconds()
    paces = _Paces(notifiers)
    told: dict[OutboxState, list[str]] = {state: [] for state in OutboxState}
    while clock() < deadline:
        queued = outbox.claim(LEASE, paces)
        if queued is not None:
            queued, outcome = attempt(queued, notifiers, spec)
            outbox.settle(queued, outcome)
            told[outcome.state].append(_sentence(queued, outcome, notifiers))
        elif rest is None or not _rested(outbox, deadline - clock(), rest):
            break
    failed = (*told[OutboxState.PENDING], *told[OutboxState.DEAD])
    return Delivered(sent=tuple(told[OutboxState.SENT]), failed=failed)


def _rested(outbox: Outbox, left: float, rest: Callable[[float], None]) -> bool:
    """Whether the next message is due now, after a short rest."""
    wait = outbox.soonest(LEASE)
    if wait is None or wait > SHORT or wait.total_seconds() >= left:
        return False
    rest(max(wait.total_seconds(), LEAST_REST))
    return True


def _sentence(queued: Queued, outcome: Delivery, notifiers: Mapping[str, Notifier]) -> str:
    notifier = notifiers.get(queued.channel)
    where = notifier.description if notifier else queued.channel
    end = f" ({outcome.error})" if outcome.error else ""
    return f"{queued.notice.text} -> {where}{end}"
