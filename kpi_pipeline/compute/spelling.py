"""How one kind of database spells the parts of a statement that explains a number."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from kpi_pipeline.compute.windows import Bounds
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.metric import SimpleMetric


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a person pastes to get a number again.

    Attributes:
        sql: One SELECT.
        before: Statements to run first in the same session; '' where none is needed.
        notes: Sentences on what the numbers of the statement rest on.
    """

    sql: str
    before: str = ""
    notes: tuple[str, ...] = ()


Apart = Sequence[Dims] | None
"""Where some groups are summed together as `(other)`, those that are not; None where none are."""
Write = Callable[[SimpleMetric, Bounds, Dims | None, Apart], Statement]
"""Writes the statement for a metric over a window, of one group or (None) of every group."""


class Spelling(Protocol):
    """The words of one database; everything returned is SQL that holds no bind parameters."""

    def name(self, name: str) -> str:
        """A quoted identifier."""
        ...

    def alias(self, name: str) -> str:
        """The name of a column of the answer, which is a plain word."""
        ...

    def expression(self, canonical: str) -> str:
        """A checked expression of the declaration."""
        ...

    def number(self, expr: str) -> str:
        """An expression as a number that arithmetic keeps exact, where the database can."""
        ...

    def average(self, number: str) -> str:
        """The mean of a number, in as many digits as a person would read."""
        ...

    def percentile(self, number: str, percentile: Decimal) -> str | None:
        """The value at the nearest rank, as an aggregate; None where there is none."""
        ...

    def member(self, expr: str) -> str:
        """A value to count the distinct ones of, as the data layer tells them apart."""
        ...

    def label(self, column: str) -> str:
        """A group's value as the data layer cuts it and tells it apart."""
        ...

    def literal(self, value: str) -> str:
        """Text to compare a label with, whatever it holds."""
        ...

    def within(self, column: str, span: Bounds) -> list[str]:
        """Conditions on a quoted event time: from the start, which is there, up to the end."""
        ...
