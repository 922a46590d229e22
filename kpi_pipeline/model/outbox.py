"""One message on its way out, and how an attempt to send it ended."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from kpi_pipeline.model.notice import Notice


class OutboxState(StrEnum):
    """Where a message stands; a superseded one was left out in favour of a later one."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A message taken from the outbox.

    Attributes:
        attempts: Attempts including this one.
        ambiguous: An earlier attempt was cut off and may have reached the channel.
        root: What the channel calls the first message of this episode; '' if there is none.
    """

    id: int
    channel: str
    notice: Notice
    attempts: int
    ambiguous: bool
    root: str = ""


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
