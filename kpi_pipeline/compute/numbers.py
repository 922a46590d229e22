"""Numbers as people read them."""

from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal

_WIDE = Context(prec=1000, rounding=ROUND_HALF_EVEN)
_CENT = Decimal("0.01")
_LONGEST = 40


def format_number(value: Decimal | None) -> str:
    """Thousands separated; whole numbers whole, others with two decimals; a dash for none.

    >>> format_number(Decimal("4596039.58")), format_number(Decimal(7)), format_number(None)
    ('4,596,039.58', '7', '-')
    """
    if value is None:
        return "-"
    if not value.is_finite():
        return str(value)
    if value.adjusted() > _LONGEST:
        return f"{value:.6e}"
    whole = value == value.to_integral_value()
    return f"{value:,.0f}" if whole else f"{value.quantize(_CENT, context=_WIDE):,}"


def format_age(age: timedelta) -> str:
    """The two largest units: 3m, 2h 5m, 1d 4h.

    >>> format_age(timedelta(hours=2, minutes=5, seconds=9))
    '2h 5m'
    """
    seconds = max(0, int(age.total_seconds()))
    days, rest = divmod(seconds, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [f"{n}{u}" for n, u in ((days, "d"), (hours, "h"), (minutes, "m"), (rest, "s")) if n]
    return " ".join(parts[:2]) or "0s"
