"""A source whose clock stands where a test case puts it."""

from dataclasses import replace
from datetime import datetime

from kpi_pipeline.model.batch import Batch, Detection, Slice, SourceReport
from kpi_pipeline.model.moment import Interval
from kpi_pipeline.ports.source import Source


class StoppedClock:
    """The `Source` that it is given, with another as-of; all else is that source's own."""

    def __init__(self, source: Source, as_of: datetime) -> None:
        self.source = source
        self.as_of = as_of

    def detect(self, position: str | None, *, sweep: bool = False) -> Detection:
        """What the source finds, as of the case's moment."""
        return replace(self.source.detect(position, sweep=sweep), as_of=self.as_of)

    def aggregate(self, piece: Slice, as_of: datetime) -> Batch:
        """The source's own answer."""
        return self.source.aggregate(piece, as_of)

    def extent(self) -> Interval | None:
        """The source's own answer."""
        return self.source.extent()

    def inspect(self) -> SourceReport:
        """The source's own answer."""
        return self.source.inspect()

    def close(self) -> None:
        """Close the source."""
        self.source.close()
