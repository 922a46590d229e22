"""What the use cases ask of the record of how ticks and runs go."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from kpi_pipeline.compute.failing import Beat
from kpi_pipeline.model.live import Tick
from kpi_pipeline.model.pulse import Life, Pulse


class PulseRecord(Protocol):
    """How ticks and runs of one pipeline go, in transactions of their own.

    Every method raises `StateError` where the database cannot be used.
    """

    def change(self, step: Callable[[Pulse, datetime], Beat], tick: Tick | None = None) -> None:
        """Take one step from the pulse as it is, by the database's clock, and write what it says.

        Steps that are taken at once follow each other.

        Args:
            step: What becomes of the pulse.
            tick: Written down with it, if there is one.
        """
        ...

    def life(self) -> Life:
        """The last signs of life; changes nothing."""
        ...
