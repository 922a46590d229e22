"""What the use cases ask of the record of how ticks and runs go."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from kpi_pipeline.compute.failing import Beat
from kpi_pipeline.model.pulse import Pulse


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """The last signs of life of a pipeline.

    Attributes:
        published: How long ago the newest snapshot was made; None if there is none.
        looked: How long ago a look or run last went well; None if none ever did.
        failing: How long ticks and runs have failed; None if the last went well.
        why: The last failure; '' if the last went well.
    """

    published: timedelta | None
    looked: timedelta | None
    failing: timedelta | None
    why: str


class PulseRecord(Protocol):
    """How ticks and runs of one pipeline go, in transactions of their own.

    Every method raises `StateError` where the database cannot be used.
    """

    def change(self, step: Callable[[Pulse, datetime], Beat]) -> None:
        """Take one step from the pulse as it is, by the database's clock, and write what it says.

        Steps that are taken at once follow each other.
        """
        ...

    def life(self) -> Life:
        """The last signs of life; changes nothing."""
        ...
