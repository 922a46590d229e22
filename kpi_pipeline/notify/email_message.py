"""How a notice looks as a mail: plain text, the same in simple HTML, and a name for threads."""

import hashlib
from datetime import UTC, datetime
from email.headerregistry import HeaderRegistry, MessageIDHeader
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from html import escape

from kpi_pipeline.model.notice import Notice, clip
from kpi_pipeline.notify.words import is_address, state

_SUBJECT_LIMIT = 200
_VALUE_LIMIT = 2000
_MOST = 20


class _Factory(HeaderRegistry):
    """Headers by the standard library's registry, but names of mails are never encoded."""

    def __init__(self) -> None:
        super().__init__()
        for name in ("in-reply-to", "references"):
            self.map_to_type(name, MessageIDHeader)  # type: ignore[arg-type]  # as the registry itself does


# As plain text, a name that is too long for its line would be encoded, and find no thread.
_POLICY = SMTP.clone(header_factory=_Factory())


def compose(notice: Notice, *, sender: str, recipient: str, root: str, at: float) -> EmailMessage:
    """The notice as a mail that answers the episode's root, if there is one.

    Args:
        notice: What to say.
        sender: The address it comes from.
        recipient: The address it goes to.
        root: Message-ID of the episode's first mail, or ''.
        at: Seconds since 1970.
    """
    message = EmailMessage(policy=_POLICY)
    message["Subject"] = clip(_line(f"{state(notice)}: {_text(notice)}"), _SUBJECT_LIMIT)
    message["From"], message["To"] = sender, recipient
    message["Date"] = format_datetime(datetime.fromtimestamp(at, UTC))
    message["Message-ID"] = message_id(notice.key, sender)
    if root:
        message["In-Reply-To"] = message["References"] = root
    message["Auto-Submitted"] = "auto-generated"  # no out-of-office reply, please
    message.set_content(_plain(notice))
    message.add_alternative(_html(notice), subtype="html")
    return message


def message_id(key: str, sender: str) -> str:
    """The same for every attempt at the same notice: many servers and readers drop the second."""
    digest = hashlib.sha256(key.encode(errors="replace")).hexdigest()[:40]
    return f"<{digest}@{parseaddr(sender)[1].rpartition('@')[2]}>"


def _text(notice: Notice) -> str:
    return notice.text or notice.headline or notice.rule


def _pairs(notice: Notice) -> list[tuple[str, str]]:
    more = (
        ("Trend", notice.trend),
        ("Owner", notice.owner),
        ("Reminder", str(notice.number or "")),
        *notice.links[:_MOST],
        ("Pipeline", notice.pipeline),
        ("Episode", notice.episode_key),
    )
    pairs = (*notice.facts[:_MOST], *((label, value) for label, value in more if value))
    return [(_line(label), clip(_line(value), _VALUE_LIMIT)) for label, value in pairs]


def _plain(notice: Notice) -> str:
    facts = "\n".join(f"{label}: {value}" for label, value in _pairs(notice))
    return f"{_line(_text(notice))}\n\n{_line(notice.headline)}\n\n{facts}\n"


def _html(notice: Notice) -> str:
    rows = "".join(
        f"<tr><td><b>{escape(label)}</b></td><td>{_cell(value)}</td></tr>\n"
        for label, value in _pairs(notice)
    )
    head = f"<h2>{escape(_line(f'{state(notice)}: {notice.headline}'))}</h2>"
    return f"{head}\n<p>{escape(_line(_text(notice)))}</p>\n<table>\n{rows}</table>\n"


def _cell(value: str) -> str:
    shown = escape(value)
    return f'<a href="{shown}">{shown}</a>' if is_address(value) else shown


def _line(text: str) -> str:
    """One line that every mail server takes: no value of the data may start a header."""
    clean = text.encode(errors="replace").decode()
    return " ".join("".join(c if c.isprintable() else " " for c in clean).split())
