"""Which mail server, sender and recipient the settings ask for; or none (the log)."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parseaddr

from kpi_pipeline.notify.email import Email
from kpi_pipeline.notify.email_server import mail_server
from kpi_pipeline.notify.log import LogNotifier
from kpi_pipeline.notify.settings import ChannelSettingsError, refuse
from kpi_pipeline.ports.delivery import Notifier

_ADDRESS = re.compile(r"[^@\s<>,;:\"]+@[^@\s<>,;:\"]+")

_NO_SERVER = "SMTP_URL is not like smtp://user:password@mail.example.com:587, or smtps://."


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailSettings:
    """What the environment says of e-mail.

    Attributes:
        url: Of the server; may hold a password.
        sender: An address, perhaps with a name: `KPI <kpi@example.com>`.
        recipient: Who is told where a rule names nobody.
    """

    url: str | None = field(default=None, repr=False)
    sender: str | None = None
    recipient: str | None = None


def email_from(settings: EmailSettings, clock: Callable[[], float], target: str = "") -> Notifier:
    """Return the e-mail of one recipient, or the log without a server; opens no connection.

    Args:
        settings: Of the environment.
        clock: Seconds since 1970.
        target: Another recipient.

    Raises:
        ChannelSettingsError: The settings cannot work.
    """
    name = f"email:{target}" if target else "email"
    if not settings.url:
        return LogNotifier(name)
    server = mail_server(settings.url)
    sender, recipient = settings.sender or "", target or settings.recipient or ""
    problems = _sender_problems(sender) + _recipient_problems(recipient, target)
    if server is None:
        raise ChannelSettingsError(" ".join((_NO_SERVER, *problems)))
    refuse(problems)
    return Email(server=server, sender=sender, recipient=recipient, clock=clock, channel=name)


def _sender_problems(sender: str) -> list[str]:
    if _ADDRESS.fullmatch(parseaddr(sender)[1]):
        return []
    return ["SMTP_FROM is not an address: set the sender, such as kpi@example.com."]


def _recipient_problems(recipient: str, target: str) -> list[str]:
    if _ADDRESS.fullmatch(recipient):
        return []
    if target:
        return [f"email:{target} names no address."]
    return ["EMAIL_TO is not one address; notify more people as email:ops@example.com, each."]
