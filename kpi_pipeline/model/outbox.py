"""Messages on their way out, and how an attempt to send one ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kpi_pipeline.model.notice import Level, Notice, NoticeKind


class OutboxState(StrEnum):
    """Where a message stands; a superseded one was left out in favour of a later one."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"
    SUPERSEDED = "superseded"


WAITING = frozenset({OutboxState.PENDING, OutboxState.SENDING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sibling:
    """Another message of the same episode over the same channel; ids tell the order.

    Attributes:
        at: When it was decided, by the state database's clock.
        reference: What the channel calls it; '' if it was not sent, or the channel gives none.
    """

    id: int
    kind: NoticeKind
    state: OutboxState
    at: datetime
    level: Level = Level.NONE
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A message taken from the outbox.

    Attributes:
        attempts: Attempts including this one.
        ambiguous: An earlier attempt was cut off and may have reached the channel.
        root: What the channel calls the first message of this episode; '' if there is none.
        at: When it was decided, by the state database's clock.
        siblings: The others of its episode over this channel, oldest first.
        stand_ins: The channels that told this episode in the place of this one, which refused or
            was down.
        waited: How long ago it was decided.
        behind: Of a message that was tried before: the first of each other episode that waits for
            this channel with news that nobody else was told of.
    """

    id: int
    channel: str
    notice: Notice
    attempts: int
    ambiguous: bool
    root: str = ""
    at: datetime | None = None
    siblings: tuple[Sibling, ...] = ()
    stand_ins: tuple[str, ...] = ()
    waited: timedelta = timedelta(0)
    behind: tuple["Queued", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """A message that another channel is told, while its own may still take it.

    Attributes:
        id: Of the message that waits.
        channels: Who may be told, the best first: one of them, and nobody if one was.
    """

    id: int
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How an attempt ended.

    Attributes:
        state: SENT, DEAD, SUPERSEDED, or PENDING to be tried again after `wait`.
        reference: What the channel calls the message.
        error: What went wrong, without secrets.
        closed: How long the channel takes nothing at all, whatever the message.
        instead: Channels that may be told in this one's place, the best first.
        meanwhile: What is told elsewhere beside it.
    """

    state: OutboxState
    reference: str = ""
    error: str = ""
    wait: timedelta = timedelta(0)
    closed: timedelta = timedelta(0)
    instead: tuple[str, ...] = ()
    meanwhile: tuple[Handover, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resent:
    """What became of messages that somebody wants to be sent again; ids.

    Attributes:
        queued: They wait now.
        overtaken: They stay unsent: a later message of their episode was sent over their channel.
    """

    queued: tuple[int, ...]
    overtaken: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A message of the outbox, for people.

    Attributes:
        stands_for: The channel in whose place it is sent; '' if it is its own.
    """

    id: int
    channel: str
    notice: Notice
    state: OutboxState
    attempts: int
    created_at: datetime
    next_at: datetime
    sent_at: datetime | None
    error: str
    stands_for: str
