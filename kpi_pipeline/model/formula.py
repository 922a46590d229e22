"""A formula over other metrics, as a checked tree."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Operation(StrEnum):
    """What a formula may do."""

    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"
    NEGATE = "negate"
    ABS = "abs"
    ROUND = "round"
    NULLIF = "nullif"
    COALESCE = "coalesce"
    GREATEST = "greatest"
    LEAST = "least"


@dataclass(frozen=True, slots=True)
class Number:
    """A decimal literal; None is NULL."""

    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Name:
    """The value of an input, by its alias."""

    alias: str


@dataclass(frozen=True, slots=True)
class Call:
    """An operation on what other nodes give.

    Attributes:
        arguments: In the order written; the second of `round` is a whole `Number`.
    """

    operation: Operation
    arguments: "tuple[Formula, ...]"


Formula = Number | Name | Call


def names_of(formula: Formula) -> Iterator[str]:
    """Every alias that the formula reads, once for each place."""
    if isinstance(formula, Name):
        yield formula.alias
    if isinstance(formula, Call):
        for argument in formula.arguments:
            yield from names_of(argument)
