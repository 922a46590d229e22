"""How other databases spell what explains a number: the same bytes and bounds as `Dialect`."""

from dataclasses import dataclass
from decimal import Decimal

from kpi_pipeline.compute.explain import quoted
from kpi_pipeline.compute.windows import Bounds
from kpi_pipeline.model.group import LONGEST_GROUP
from kpi_pipeline.source.sql.clock import DAY, Wall, WallClock
from kpi_pipeline.source.sql.expression import written
from kpi_pipeline.source.sql.walls import walls

NOTHING = ["1 = 0"]
"""The window lies in the second pass of an hour, whose rows count in the first."""
ONE = "1.000000000000000"
"""MariaDB gives a quotient four digits more than the dividend has."""


@dataclass(frozen=True, slots=True)
class SqliteSpelling:
    """See `compute.spelling.Spelling`."""

    clock: WallClock

    def name(self, name: str) -> str:
        """Between double quotes."""
        return quoted(name)

    def alias(self, name: str) -> str:
        """As it is."""
        return name

    def expression(self, canonical: str) -> str:
        """Translated."""
        return written(canonical, "sqlite")

    def number(self, expr: str) -> str:
        """As it is: SQLite knows no decimals."""
        return expr

    def average(self, number: str) -> str:
        """Of floats."""
        return f"avg({number})"

    def percentile(self, number: str, percentile: Decimal) -> None:
        """It has none: places are counted."""

    def member(self, expr: str) -> str:
        """Through a function, which drops a collation."""
        return f"substr(CAST({expr} AS TEXT), 1)"

    def label(self, column: str) -> str:
        """Through a function, for the same reason."""
        return f"substr(CAST({column} AS TEXT), 1, {LONGEST_GROUP})"

    def literal(self, value: str) -> str:
        r"""What a terminal would obey is written by its number.

        >>> print(SqliteSpelling(None).literal("O'Neil\x1b!"))
        'O''Neil' || char(27) || '!'
        """
        parts, plain = [], ""
        for character in value:
            if character.isprintable():
                plain += character
                continue
            parts += [quoted(plain, "'"), f"char({ord(character)})"]
            plain = ""
        return " || ".join(part for part in (*parts, quoted(plain, "'")) if part != "''") or "''"

    def within(self, column: str, span: Bounds) -> list[str]:
        """Whole days, which an index finds however they are written; then minutes of them.

        Cut to the minute, `2026-11-24T07:00:00.5Z` and `2026-11-24 07:00` are compared alike.
        """
        found = walls(self.clock, span.start or span.end, span.end)
        if not found:
            return NOTHING
        first, last = found[0][0].date(), (found[-1][1] + DAY).date()
        minute = f"substr(replace({column}, 'T', ' '), 1, 16)"
        near = [f"{column} >= '{first}'", f"{column} < '{last}'"]
        return [*near, *_stretches(minute, found, "minutes")]


@dataclass(frozen=True, slots=True)
class MariaDbSpelling:
    """See `compute.spelling.Spelling`; right under any SQL mode and character set."""

    clock: WallClock

    def name(self, name: str) -> str:
        """Between backticks."""
        return quoted(name, "`")

    def alias(self, name: str) -> str:
        """Quoted: `rows` is a word of its own."""
        return quoted(name, "`")

    def expression(self, canonical: str) -> str:
        """Translated."""
        return written(canonical, "mysql")

    def number(self, expr: str) -> str:
        """As it is: DECIMAL is exact, and a cast would need to know its digits."""
        return expr

    def average(self, number: str) -> str:
        """Not `avg`, which has but four digits more than the number."""
        return f"{ONE} * sum({number}) / nullif(count({number}), 0)"

    def percentile(self, number: str, percentile: Decimal) -> None:
        """It has one only over a window: places are counted."""

    def member(self, expr: str) -> str:
        """As bytes: a collation would take `food` and `FOOD` for one."""
        return f"CAST({expr} AS BINARY)"

    def label(self, column: str) -> str:
        """As bytes, for the same reason."""
        text = f"CAST({column} AS CHAR CHARACTER SET utf8mb4)"
        return f"CAST(left({text}, {LONGEST_GROUP}) AS BINARY)"

    def literal(self, value: str) -> str:
        r"""Bytes, where text could be read in more than one way or would move the terminal.

        >>> print(MariaDbSpelling(None).literal("O'Neil"), MariaDbSpelling(None).literal("é"))
        'O''Neil' X'C3A9'
        """
        if value.isascii() and value.isprintable() and "\\" not in value:
            return quoted(value, "'")
        return f"X'{value.encode().hex().upper()}'"

    def within(self, column: str, span: Bounds) -> list[str]:
        """As the column's clock shows them."""
        found = walls(self.clock, span.start or span.end, span.end)
        return _stretches(column, found, "auto") if found else NOTHING


def _stretches(shown: str, found: list[Wall], until: str) -> list[str]:
    """One stretch as two conditions, more of them as one."""
    each = [
        [
            f"{shown} >= '{low.isoformat(' ', until)}'",
            f"{shown} < '{high.isoformat(' ', until)}'",
        ]
        for low, high in found
    ]
    if len(each) == 1:
        return each[0]
    return ["(" + "\n    OR ".join(" AND ".join(pair) for pair in each) + ")"]
