"""Verdicts and episodes: a problem has a beginning, a level and an end."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.notice import Level


class Phase(StrEnum):
    """Where an alert stands."""

    OK = "ok"
    PENDING = "pending"
    FIRING = "firing"


class Evidence(StrEnum):
    """What a value says about a rule."""

    BREACH = "breach"
    HOLD = "hold"
    CLEAR = "clear"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one look at one rule and group found, and why.

    Attributes:
        level: How bad it is; NONE unless the evidence is a breach.
        bound: The bound that the value is past, or would have to pass.
        reason: A sentence for a person.
        phase: Where the alert stands after this look.
        baseline: Of a rule about change: what the value was held against.
    """

    rule: str
    dims: Dims
    evidence: Evidence
    level: Level
    value: Decimal | None
    bound: Decimal | None
    reason: str
    phase: Phase = Phase.OK
    baseline: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """The alert state of one rule and group; persisted.

    Attributes:
        definition: Hash of the rule that it was judged by.
        number: Counts the episodes of this rule and group, from 1.
        notified: The worst level that somebody has been told of in this episode.
        told: The channels that were told; its end is told to the same ones.
        since: When the present breach was first seen (as-of).
        looks: How many looks have seen it.
        peak: The value furthest past the bound in this episode.
        notified_at: When somebody was last told (as-of).
        reminders: How often it was told again.
        acknowledged: When a person took it (wall clock); no reminders from then on.
        clear_since: When the present run of healthy looks began (as-of).
        baseline: What a rule about change compares with while it fires: the one it fired on.
    """

    rule: str
    dims: Dims
    definition: str
    phase: Phase = Phase.OK
    level: Level = Level.NONE
    notified: Level = Level.NONE
    told: tuple[str, ...] = ()
    number: int = 0
    since: datetime | None = None
    looks: int = 0
    peak: Decimal | None = None
    notified_at: datetime | None = None
    reminders: int = 0
    acknowledged: datetime | None = None
    clear_since: datetime | None = None
    baseline: Decimal | None = None

    @property
    def fires(self) -> bool:
        """Whether people should know of it: firing, and not healthy again for the moment."""
        return self.phase is Phase.FIRING and self.clear_since is None

    @property
    def was_told(self) -> bool:
        """Whether anybody was told of the present episode."""
        return self.phase is Phase.FIRING and self.notified is not Level.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One change of an episode, as kept in the event log.

    Attributes:
        suppressed: Why nobody was told of it although a channel is declared; '' otherwise.
    """

    rule: str
    dims: Dims
    number: int
    before: Phase
    after: Phase
    level: Level
    value: Decimal | None
    at: datetime
    reason: str
    suppressed: str = ""


LONGEST_MUTE = timedelta(days=30)
"""What is to be silent for longer is forgotten; who wants that takes the rule away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """A rule that a person has silenced for a while; it goes on judging.

    Attributes:
        until: When it speaks again (wall clock).
        why, by: For whoever wonders; '' if not said.
    """

    rule: str
    until: datetime
    why: str = ""
    by: str = ""
