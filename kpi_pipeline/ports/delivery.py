"""What the use cases ask of the outbox and of the channels."""

from datetime import timedelta
from typing import Protocol

from kpi_pipeline.model.notice import Notice
from kpi_pipeline.model.outbox import Delivery, Queued


class Outbox(Protocol):
    """Messages that were decided and committed, on their way out.

    Every method raises `StateError` where the database cannot be used.
    """

    def due(self, lease: timedelta) -> int:
        """How many messages could be tried now."""
        ...

    def claim(self, lease: timedelta) -> Queued | None:
        """Take the next due message; a claim older than the lease is up for another."""
        ...

    def settle(self, queued: Queued, delivery: Delivery) -> None:
        """Write down how the attempt ended."""
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
