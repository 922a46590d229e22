"""Numbers as people read them."""

import re
from datetime import datetime, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Context, Decimal

_WIDE = Context(prec=1000, rounding=ROUND_HALF_EVEN)
_CENT = Decimal("0.01")
_LONGEST = 40
_SMALLEST = -12
_GREATEST_CHANGE = 999
SECONDS = "s"
PERCENT = "%"
CURRENCY = re.compile("[A-Z]{3}")


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
    if value == value.to_integral_value():
        return f"{value:,.0f}"
    return _small(value) if abs(value) < 1 else f"{value.quantize(_CENT, context=_WIDE):,}"


def _small(value: Decimal) -> str:
    """Three significant digits, but no fewer than two decimals: 0.30 and 0.00421."""
    if value.adjusted() < _SMALLEST:
        return f"{value:.2e}"
    step = min(_CENT, Decimal(1).scaleb(value.adjusted() - 2))
    shown = f"{value.quantize(step, context=_WIDE):f}"
    whole, _, decimals = shown.partition(".")
    return f"{whole}.{decimals.rstrip('0'):0<2}"


def format_value(value: Decimal | None, unit: str | None) -> str:
    """A number as its unit wants it: a duration for seconds, cents for a currency's code.

    >>> format_value(Decimal(7200), "s"), format_value(Decimal(10), "USD")
    ('2h', '10.00')
    >>> format_value(Decimal("-35.125"), "%")
    '-35.12 %'
    """
    if value is None or not value.is_finite():
        return format_number(value)
    if unit == SECONDS:
        return format_age(timedelta(seconds=int(value)))
    text = format_number(value)
    if unit == PERCENT:
        return f"{text} %"
    is_money = unit is not None and CURRENCY.fullmatch(unit) is not None
    return f"{text}.00" if is_money and not {".", "e"} & set(text) else text


def format_amount(value: Decimal | None, unit: str | None) -> str:
    """The same with its unit, where that does not show already.

    >>> format_amount(Decimal(10), "USD"), format_amount(Decimal(7200), "s")
    ('10.00 USD', '2h')
    """
    text = format_value(value, unit)
    told = unit is None or unit in {SECONDS, PERCENT} or value is None
    return text if told else f"{text} {unit}"


def format_error(error: Decimal) -> str:
    """A relative error in two digits.

    >>> format_error(Decimal("0.01")), format_error(Decimal("0.0324"))
    ('± 1 %', '± 3.2 %')
    """
    return f"± {Context(prec=2).plus(100 * error).normalize():f} %"


def format_change(percent: Decimal | None) -> str:
    """A change in brackets, after a space; nothing without one.

    >>> format_change(Decimal("12.34")), format_change(Decimal(80000)), format_change(None)
    (' (+12.3 %)', ' (> +999 %)', '')
    """
    if percent is None:
        return ""
    return " (> +999 %)" if percent > _GREATEST_CHANGE else f" ({percent:+.1f} %)"


def format_minute(moment: datetime, zone: tzinfo) -> str:
    """Business time to the minute.

    >>> from datetime import UTC
    >>> format_minute(datetime(2026, 11, 24, 14, 2, 59, tzinfo=UTC), UTC)
    '2026-11-24 14:02'
    """
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def format_moment(moment: datetime, zone: tzinfo) -> str:
    """Business time to the minute, with the name of its zone: for who may live in another.

    >>> from datetime import UTC
    >>> format_moment(datetime(2026, 11, 24, 14, 2, 59, tzinfo=UTC), UTC)
    '2026-11-24 14:02 UTC'
    """
    return f"{format_minute(moment, zone)} {moment.astimezone(zone).tzname()}"


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
