"""Whether a pipeline's ticks and runs go well, and who is told when they do not."""

from dataclasses import dataclass
from datetime import datetime, timedelta

RULE = "pipeline_failure"
"""What its episodes are called, beside those of rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailurePlan:
    """When failing ticks and runs are somebody's problem.

    Attributes:
        after: How long they must have failed.
        notify: Channels by name.
        repeat: How often they are told again; None for once.
    """

    after: timedelta = timedelta(minutes=5)
    notify: tuple[str, ...] = ()
    repeat: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """How ticks and runs went lately; persisted beside the state, by a transaction of its own.

    Attributes:
        looked_at: The last look that found nothing to do, or run that did it.
        failing_since: When the first of the failures in a row was; None if the last went well.
        failures: How many there are in that row.
        fired_at: When that row had lasted, so that people were told; None if it has not.
        number: Counts the rows that did.
        told: The channels that were told of the present one.
        why: The last failure, for people.
        notified_at: When a channel was last told of the present one.
        reminders: How often it was told again.
        acknowledged: When a person took the present one.
    """

    looked_at: datetime | None = None
    failing_since: datetime | None = None
    failures: int = 0
    fired_at: datetime | None = None
    number: int = 0
    told: tuple[str, ...] = ()
    why: str = ""
    notified_at: datetime | None = None
    reminders: int = 0
    acknowledged: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """The last signs of life of a pipeline.

    Attributes:
        published: How long ago the newest snapshot was made; None if there is none.
        looked: How long ago a look or run last went well; None if none ever did.
        failing: How long ticks and runs have failed; None if the last went well.
        why: The last failure; '' if the last went well.
        published_at, looked_at: The same moments by the state database's clock.
    """

    published: timedelta | None
    looked: timedelta | None
    failing: timedelta | None
    why: str
    published_at: datetime | None = None
    looked_at: datetime | None = None
