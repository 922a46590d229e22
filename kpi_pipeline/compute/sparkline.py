"""A few numbers as a line of block characters."""

from collections.abc import Sequence
from decimal import Decimal

BLOCKS = "▁▂▃▄▅▆▇█"
MISSING = " "


def sparkline(values: Sequence[Decimal | None]) -> str:
    """One character a value, from the least to the greatest; a blank where there is none.

    >>> sparkline([Decimal(1), Decimal(5), None, Decimal(9)])
    '▁▄ █'
    >>> sparkline([Decimal(3), Decimal(3)]), sparkline([None, None])
    ('▄▄', '')
    """
    known = [value for value in values if value is not None and value.is_finite()]
    if not known:
        return ""
    least, most = min(known), max(known)
    return "".join(_block(value, least, most) for value in values)


def _block(value: Decimal | None, least: Decimal, most: Decimal) -> str:
    if value is None or not value.is_finite():
        return MISSING
    if least == most:
        return BLOCKS[len(BLOCKS) // 2 - 1]
    return BLOCKS[int((value - least) / (most - least) * (len(BLOCKS) - 1))]
