"""E-mail over SMTP: at least once, and one message a recipient."""

from collections.abc import Callable

from kpi_pipeline.model.notice import Notice
from kpi_pipeline.notify.email_message import compose, message_id
from kpi_pipeline.notify.email_server import MailServer


class Email:
    """Mails notices to one recipient; the mails of an episode are one thread.

    SMTP cannot be asked what it took: where the connection breaks after the message, it is sent
    again, under the same Message-ID.

    Args:
        server: Where mails are handed over.
        sender: The address they come from.
        recipient: The address they go to.
        clock: Seconds since 1970, for the mail's date.
        channel: Its name in a threshold's `notify` list.
        timeout: Seconds without a byte after which it is given up.
    """

    def __init__(
        self,
        *,
        server: MailServer,
        sender: str,
        recipient: str,
        clock: Callable[[], float],
        channel: str = "email",
        timeout: float = 5,
    ) -> None:
        self._server, self._sender, self._recipient = server, sender, recipient
        self._clock, self._channel, self._timeout = clock, channel, timeout

    def __repr__(self) -> str:
        return f"Email({self._recipient!r})"

    @property
    def channel(self) -> str:
        """The channel's name in a threshold's `notify` list."""
        return self._channel

    @property
    def pace(self) -> float:
        """None: a server that has enough says so."""
        return 0.0

    @property
    def description(self) -> str:
        """The recipient."""
        return f"e-mail to {self._recipient}"

    def deliver(self, notice: Notice, root: str = "") -> str:
        """Hand the mail over and return its Message-ID.

        Raises:
            DeliveryError: The server did not take it, or took it without saying so.
        """
        mail = compose(
            notice, sender=self._sender, recipient=self._recipient, root=root, at=self._clock()
        )
        self._server.send(mail, self._recipient, timeout=self._timeout)
        return message_id(notice.key, self._sender)

    def find(self, notice: Notice, root: str = "") -> str | None:  # noqa: ARG002 - the port's signature
        """Return None: SMTP cannot be asked, so an ambiguous mail is sent again."""
        return None
