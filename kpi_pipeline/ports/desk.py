"""What people do to alerts: look at them, silence rules, take episodes over."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from kpi_pipeline.model.episode import Episode, Mute, Transition


class Desk(Protocol):
    """The alerts of one pipeline, for people.

    Each call is a transaction of its own, beside whatever folds; every method raises `StateError`
    where the database cannot be used.
    """

    def now(self) -> datetime:
        """The state database's clock, which mutes are held against."""
        ...

    def episodes(self) -> Sequence[Episode]:
        """Where every alert stands that is not all right."""
        ...

    def transitions(
        self, since: datetime, rules: Sequence[str] | None, most: int
    ) -> tuple[int, tuple[Transition, ...]]:
        """How many changes there were since a moment, of some rules or of all, and the newest."""
        ...

    def mutes(self) -> tuple[Mute, ...]:
        """The mutes that hold now."""
        ...

    def mute(self, mute: Mute) -> None:
        """Silence a rule; a mute of the same rule is replaced."""
        ...

    def unmute(self, rule: str) -> bool:
        """Let a rule speak again; False if it was not muted."""
        ...

    def acknowledge(self, seen: Episode, why: str) -> bool:
        """Take over an episode as it was seen, so that nobody is reminded.

        A message to those channels that were told of it, and can show it, commits with that.

        False if it is taken, over, or worse by now: that is not what the person saw.
        """
        ...
