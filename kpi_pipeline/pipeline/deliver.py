"""Deliver: send what the outbox holds; a channel that is down fails nothing but itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from kpi_pipeline.model.errors import DeliveryError
from kpi_pipeline.model.outbox import Delivery, OutboxState, Queued
from kpi_pipeline.ports.delivery import Notifier, Outbox

LEASE = timedelta(seconds=60)
"""A message claimed longer ago than this was cut off: it may or may not have gone out."""
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What a relay did, each entry a sentence for a person."""

    sent: tuple[str, ...]
    failed: tuple[str, ...]


def deliver(
    outbox: Outbox,
    notifiers: Mapping[str, Notifier],
    *,
    budget: timedelta,
    clock: Callable[[], float],
) -> Delivered:
    """Send due messages, oldest first, until none is due or the budget is spent.

    Raises:
        StateError: The outbox cannot be read; what was sent before is written down.
    """
    deadline = clock() + budget.total_seconds()
    sent: list[str] = []
    failed: list[str] = []
    while clock() < deadline:
        queued = outbox.claim(LEASE)
        if queued is None:
            break
        outcome = _attempt(queued, notifiers)
        outbox.settle(queued, outcome)
        told = sent if outcome.state is OutboxState.SENT else failed
        told.append(_sentence(queued, outcome, notifiers))
    return Delivered(sent=tuple(sent), failed=tuple(failed))


def _attempt(queued: Queued, notifiers: Mapping[str, Notifier]) -> Delivery:
    notifier = notifiers.get(queued.channel)
    if notifier is None:
        known = ", ".join(sorted(notifiers))
        return Delivery(
            state=OutboxState.DEAD, error=f"no channel {queued.channel!r}; known: {known}"
        )
    try:
        reference = notifier.find(queued.notice, queued.root) if queued.ambiguous else None
        if reference is None:
            reference = notifier.deliver(queued.notice, queued.root)
    except DeliveryError as error:
        return _failure(queued, error)
    except Exception as error:  # noqa: BLE001 - one message must not stop all that follow it
        return _failure(queued, DeliveryError(f"unexpected {type(error).__name__} in the channel"))
    return Delivery(state=OutboxState.SENT, reference=reference)


def _failure(queued: Queued, error: DeliveryError) -> Delivery:
    if error.permanent:
        return Delivery(state=OutboxState.DEAD, error=str(error))
    doubled = min(FIRST_WAIT * 2 ** min(queued.attempts - 1, 10), LONGEST_WAIT)
    asked = timedelta(seconds=error.retry_after or 0)
    return Delivery(state=OutboxState.PENDING, error=str(error), wait=max(doubled, asked))


def _sentence(queued: Queued, outcome: Delivery, notifiers: Mapping[str, Notifier]) -> str:
    notifier = notifiers.get(queued.channel)
    where = notifier.description if notifier else queued.channel
    end = f" ({outcome.error})" if outcome.error else ""
    return f"{queued.notice.text} -> {where}{end}"
