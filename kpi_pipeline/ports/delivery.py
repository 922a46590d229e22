"""What the use cases ask of the outbox and of the channels."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Protocol

from kpi_pipeline.model.notice import Notice
from kpi_pipeline.model.outbox import Delivery, Entry, OutboxState, Queued, Resent

NO_PACES: Mapping[str, float] = MappingProxyType({})


class Outbox(Protocol):
    """Messages that were decided and committed, on their way out.

    Every method raises `StateError` where the database cannot be used.
    """

    def due(self, lease: timedelta) -> int:
        """How many messages could be tried now."""
        ...

    def soonest(self, lease: timedelta) -> timedelta | None:
        """How long until one can be tried, at most zero if now; None if none waits."""
        ...

    def claim(self, lease: timedelta, paces: Mapping[str, float] = NO_PACES) -> Queued | None:
        """Take the next due message; a claim older than the lease is up for another.

        Args:
            lease: How long an attempt may take.
            paces: Seconds from one message to the next, by channel: it is closed for so long.
        """
        ...

    def settle(self, queued: Queued, delivery: Delivery) -> None:
        """Write down how the attempt ended, and queue what is told elsewhere instead."""
        ...

    def entries(self, since: timedelta, states: Collection[OutboxState]) -> Sequence[Entry]:
        """Messages decided within so long, oldest first; of these states, or of all if none."""
        ...

    def resend(self, ids: Collection[int]) -> Resent:
        """Queue messages again, whatever became of them; all that were given up if none is named.

        What a later message of its episode has overtaken is left out: it would tell of a problem
        that is over, or milder than what was told.
        """
        ...


class Notifier(Protocol):
    """Delivers one notice over one channel."""

    @property
    def channel(self) -> str:
        """Its name in a threshold's `notify` list: a kind, and perhaps a target (`slack:C0EU`)."""
        ...

    @property
    def pace(self) -> float:
        """Seconds from one message to the next, at least."""
        ...

    @property
    def description(self) -> str:
        """Where messages go, for people, without secrets: `Slack #ops`, `the log`."""
        ...

    def deliver(self, notice: Notice, root: str = "") -> str:
        """Send the notice and return the channel's reference to it ('' if it gives none).

        Args:
            notice: What to say.
            root: The reference of its episode's first message, to answer or to change; '' where
                there is none.

        Raises:
            DeliveryError: The channel did not take it; says whether to try again, and when.
        """
        ...

    def find(self, notice: Notice, root: str = "") -> str | None:
        """Look for a notice that may have been sent before a crash; see `deliver`.

        Returns:
            Its reference if the channel holds it, None if it does not or can never tell.

        Raises:
            DeliveryError: The channel cannot be asked now; sending again might double it.
        """
        ...


def stands_in(name: str, notifier: Notifier) -> bool:
    """Whether it is the log, in the place of a channel that has no settings."""
    return name != "log" and notifier.description.startswith("the log")
