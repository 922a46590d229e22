"""One attempt to send one message, and what follows from how it ends."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, timedelta

from kpi_pipeline.compute.course import Course, course
from kpi_pipeline.compute.failing import channels_of
from kpi_pipeline.compute.handover import meanwhile, told_the_end
from kpi_pipeline.compute.hushed import hushed
from kpi_pipeline.model.errors import DeliveryError, NoChannelError
from kpi_pipeline.model.notice import Level, NoticeKind
from kpi_pipeline.model.outbox import Delivery, OutboxState, Queued
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.pipeline.limited import limited
from kpi_pipeline.ports.delivery import Notifier

FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=10)
LONGEST_CLOSED = timedelta(hours=1)
BREATHER = timedelta(seconds=5)
"""So long a channel that just failed takes nothing: it must not use up the others' time."""
LAST_RESORT = "log"
AGAIN = "Then send it again: kpi-pipeline outbox resend {}."
LONGEST_ATTEMPT = 45.0
"""Seconds; less than a lease, so that no other relay tries the same message meanwhile."""


def attempt(
    queued: Queued, notifiers: Mapping[str, Notifier], spec: PipelineSpec | None = None
) -> tuple[Queued, Delivery]:
    """Send a message, or decide that it must not be sent; raises nothing.

    Args:
        queued: What was taken from the outbox.
        notifiers: Every channel by its name.
        spec: Says which channels a rule has besides, and what the business time is.

    Returns:
        The message as it was sent (a late notice says more), and how that ended.
    """
    meant, delivery = _attempted(queued, notifiers, spec)
    if delivery.state is OutboxState.PENDING:
        aside = meanwhile(queued, lambda item, level: _others(item, level, notifiers, spec))
        return meant, replace(delivery, meanwhile=aside)
    if queued.notice.kind is NoticeKind.RESOLVE:
        return meant, replace(delivery, meanwhile=told_the_end(queued, queued.id))
    return meant, delivery


def _attempted(
    queued: Queued, notifiers: Mapping[str, Notifier], spec: PipelineSpec | None
) -> tuple[Queued, Delivery]:
    decided = course(queued, spec.timezone if spec else UTC)
    meant = replace(queued, notice=decided.notice)
    if decided.state is not OutboxState.SENT and not queued.ambiguous:
        return meant, Delivery(state=decided.state, error=decided.why)
    try:
        notifier = notifiers[queued.channel]
    except KeyError as absent:
        return meant, _failure(meant, _absent(queued, absent, notifiers), notifiers, spec)
    try:
        return meant, limited(lambda: _tried(meant, decided, notifier), LONGEST_ATTEMPT)
    except DeliveryError as error:
        return meant, _failure(meant, error, notifiers, spec)
    except Exception as error:  # noqa: BLE001 - one message must not stop all that follow it
        unexpected = DeliveryError(f"unexpected {type(error).__name__} in the channel")
        return meant, _failure(meant, unexpected, notifiers, spec)


def _absent(queued: Queued, why: KeyError, notifiers: Mapping[str, Notifier]) -> DeliveryError:
    said = f"no channel {queued.channel!r}; known: {', '.join(sorted(notifiers))}."
    if isinstance(why, NoChannelError):
        said = str(why)
    return DeliveryError(f"{said} {AGAIN.format(queued.id)}", permanent=True)


def _tried(meant: Queued, decided: Course, notifier: Notifier) -> Delivery:
    """What may have reached the channel is looked up first, whatever was decided about it."""
    reference = notifier.find(meant.notice, meant.root) if meant.ambiguous else None
    if reference is None and decided.state is not OutboxState.SENT:
        return Delivery(state=decided.state, error=decided.why)
    if reference is None:
        reference = notifier.deliver(meant.notice, meant.root)
    return Delivery(state=OutboxState.SENT, reference=reference)


def _failure(
    queued: Queued,
    error: DeliveryError,
    notifiers: Mapping[str, Notifier],
    spec: PipelineSpec | None,
) -> Delivery:
    said = hushed(str(error))  # it is kept, and may be told over another channel
    if error.permanent:
        level = queued.notice.level
        others = _others(queued, level, notifiers, spec) if _needs_another(queued) else ()
        return Delivery(state=OutboxState.DEAD, error=said, instead=others)
    doubled = min(FIRST_WAIT * 2 ** min(queued.attempts - 1, 10), LONGEST_WAIT)
    asked = _asked(error.retry_after or 0.0)
    wait = max(doubled, asked)
    return Delivery(state=OutboxState.PENDING, error=said, wait=wait, closed=max(asked, BREATHER))


def _needs_another(queued: Queued) -> bool:
    """Whether what a channel refused is told by one that knows nothing of it yet.

    An end goes to whoever stood in before, and to somebody new only if nobody did. Who was not
    told of an episode has nothing to hear of its acknowledgement.
    """
    if queued.notice.kind is NoticeKind.ACKNOWLEDGE:
        return False
    return queued.notice.kind is not NoticeKind.RESOLVE or not queued.stand_ins


def _asked(seconds: float) -> timedelta:
    """How long the channel wants to be left alone, within reason; what is no number is nothing."""
    if seconds > LONGEST_CLOSED.total_seconds():
        return LONGEST_CLOSED
    return timedelta(seconds=seconds) if seconds > 0 else timedelta(0)


def _others(
    queued: Queued, level: Level, notifiers: Mapping[str, Notifier], spec: PipelineSpec | None
) -> tuple[str, ...]:
    """The rule's channels after the one that failed, then those before it, then the log."""
    own = channels_of(spec, queued.notice.rule, level) if spec else ()
    place = own.index(queued.channel) + 1 if queued.channel in own else 0
    around = (*own[place:], *own[:place], LAST_RESORT)
    others = (name for name in around if name != queued.channel and name in notifiers)
    return tuple(dict.fromkeys(others))
