"""Which mail server, and one message handed to it over a connection that hides the password."""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from kpi_pipeline.model.errors import DeliveryError
from kpi_pipeline.notify.email_failure import classify

_SCHEMES = ("smtp", "smtps")
_RELAY, _SUBMISSION, _SUBMISSION_TLS = 25, 587, 465


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A mail server as `SMTP_URL` names it.

    Attributes:
        host, port: Where it listens.
        tls: TLS from the first byte (`smtps`); else by STARTTLS where it is offered.
        user, password: For the login; None if there is none.
    """

    host: str
    port: int
    tls: bool = False
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @property
    def is_here(self) -> bool:
        """Whether the way there never leaves this machine."""
        try:
            return self.host == "localhost" or ip_address(self.host).is_loopback
        except ValueError:
            return False

    def send(self, message: EmailMessage, recipient: str, *, timeout: float) -> None:
        """Hand one message for one recipient over.

        Raises:
            DeliveryError: The server did not take it, or took it without saying so.
        """
        where = f"mail server {self.host} for {recipient}"
        try:
            self._send(message, recipient, timeout)
        except DeliveryError:
            raise
        except Exception as error:  # noqa: BLE001 - it may hold what the server said, or a login
            failure = classify(where, error)
        else:
            return
        raise failure

    def _send(self, message: EmailMessage, recipient: str, timeout: float) -> None:
        context = ssl.create_default_context()
        smtp = (
            smtplib.SMTP_SSL(self.host, self.port, timeout=timeout, context=context)
            if self.tls
            else smtplib.SMTP(self.host, self.port, timeout=timeout)
        )
        try:
            self._enter(smtp, context)
            smtp.send_message(message, to_addrs=[recipient])
        except BaseException:
            smtp.close()
            raise
        # Taken is taken: how the goodbye goes changes nothing.
        with suppress(OSError, smtplib.SMTPException):
            smtp.quit()

    def _enter(self, smtp: smtplib.SMTP, context: ssl.SSLContext) -> None:
        smtp.ehlo_or_helo_if_needed()
        if not self.tls and smtp.has_extn("starttls"):
            smtp.starttls(context=context)
            smtp.ehlo()
        elif self.user and not self.tls and not self.is_here:
            raise DeliveryError(
                f"mail server {self.host} offers no encryption, so the password was not sent to "
                "it. It is not tried again. Use smtps://, or a server with STARTTLS.",
                permanent=True,
            )
        if self.user:
            smtp.login(self.user, self.password or "")


def mail_server(url: str) -> MailServer | None:
    """The server that a URL names: smtp://user:password@host:587, or smtps://; None if it is none.

    Without a port: 465 for smtps, else 587 with a login and 25 without.
    """
    try:
        parts = urlsplit(url)
        host, given = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in _SCHEMES or not host or given == 0:
        return None
    tls = parts.scheme == "smtps"
    usual = _SUBMISSION_TLS if tls else _SUBMISSION if parts.username else _RELAY
    return MailServer(
        host=host,
        port=given or usual,
        tls=tls,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )
