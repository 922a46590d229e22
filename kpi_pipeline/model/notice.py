"""A notice: what one alert message says, before any channel renders it."""

from dataclasses import dataclass
from enum import StrEnum

ELLIPSIS = "…"
RUN_LINK = "Run"
"""Label of the link to the run that decided a message."""
LONGEST_TEXT, LONGEST_HEADLINE, MOST_FACTS = 140, 150, 10
"""What a notice holds at most, see `Notice`; a channel may have narrower limits of its own."""


class NoticeKind(StrEnum):
    """Why the notice is sent: an episode opened, got worse, lasts, was taken over, or ended."""

    FIRE = "fire"
    ESCALATE = "escalate"
    REMIND = "remind"
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"


class Level(StrEnum):
    """How bad a breach is. Compare with `rank`, never by name."""

    NONE = "none"
    WARN = "warn"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Position from harmless (0) to worst (2)."""
        return list(Level).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message about one episode; frozen when the breach is committed.

    Attributes:
        key: Deduplication key, the same for every retry of this message.
        episode_key: Shared by all messages of one episode (fire, escalate, resolve).
        pipeline: Name of the declared pipeline.
        rule: Name of the threshold.
        kind: Why it is sent.
        level: WARN or CRITICAL; for a resolve, the level that the episode had reached.
        text: Plain text for push and lock screens, value first, at most 140 characters.
        headline: One line for the message's header, at most 150 characters.
        facts: Label and value pairs, at most 10, in reading order.
        links: Label and address pairs: dashboard, run, runbook.
        trend: The last values as a line of block characters; '' if there are none.
        owner: Who looks after the rule; '' if nobody is named.
        number: Which reminder this is, from 1; 0 for everything else.
        withdrawn: Of a resolve: the rule was edited or deleted; the value may be as bad as ever.
        late: The episode ended before anybody could be told; this one message tells all of it.
    """

    key: str
    episode_key: str
    pipeline: str
    rule: str
    kind: NoticeKind
    level: Level
    text: str
    headline: str
    facts: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    trend: str = ""
    owner: str = ""
    number: int = 0
    late: bool = False
    withdrawn: bool = False


def clip(text: str, longest: int) -> str:
    """Shorten to a limit, with an ellipsis that says so.

    >>> clip("revenue", 4)
    'rev…'
    """
    return text if len(text) <= longest else text[: longest - 1] + ELLIPSIS
