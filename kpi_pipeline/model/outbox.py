"""One message on its way out, and how an attempt to send it ended."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from kpi_pipeline.model.notice import Notice


class OutboxState(StrEnum):
    """Where a message stands."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A message taken from the outbox.

    Attributes:
        attempts: Attempts including this one.
        ambiguous: An earlier attempt was cut off and may have reached the channel.
    """

    id: int
    channel: str
    notice: Notice
    attempts: int
    ambiguous: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How an attempt ended.

    Attributes:
        state: SENT, DEAD, or PENDING to be tried again after `wait`.
        reference: What the channel calls the message.
        error: What went wrong, without secrets.
    """

    state: OutboxState
    reference: str = ""
    error: str = ""
    wait: timedelta = timedelta(0)
