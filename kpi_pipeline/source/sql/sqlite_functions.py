"""What SQLite has not, run by its Python driver: an exact sum, a fingerprint, a number's bin."""

from decimal import Decimal, InvalidOperation
from hashlib import blake2b

from kpi_pipeline.compute.statistic.bins import placed
from kpi_pipeline.compute.statistic.total import EXACT

LARGEST = 2**64


class ExactSum:
    """The sum of the numbers as SQLite shows them; `sum()` itself would add binary floats."""

    def __init__(self) -> None:
        self.total: Decimal | None = None
        self.odd: str | None = None

    def step(self, value: object, /) -> None:
        """Take one row's value."""
        if value is None or self.odd is not None:
            return
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            self.odd = str(value)
        else:
            self.total = number if self.total is None else EXACT.add(self.total, number)

    def finalize(self) -> str | None:
        """The sum as text; what is no number is handed on, for the reader to name."""
        return self.odd if self.odd is not None or self.total is None else str(self.total)


def bin_name(value: object, width: float) -> int | str | None:
    """The bin of a number as SQLite shows it; what is no number is handed on, as in a sum."""
    if value is None:
        return None
    try:
        return placed(Decimal(str(value)), width)
    except InvalidOperation:
        return str(value)


class Fingerprint:
    """A sum of row hashes: it does not depend on the order of the rows."""

    def __init__(self) -> None:
        self.total = 0

    def step(self, *values: bytes) -> None:
        """Take one row, each value as SQLite quotes it; no quoted value holds a NUL."""
        digest = blake2b(b"\x00".join(values), digest_size=8).digest()
        self.total = (self.total + int.from_bytes(digest)) % LARGEST

    def finalize(self) -> str:
        """The sum as text: it may be greater than SQLite's integers."""
        return str(self.total)
