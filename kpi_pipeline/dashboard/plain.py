"""Values as JSON holds them: decimals exact, as text, and moments in UTC."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal

from kpi_pipeline.model.batch import Dims

_WIDE = Context(prec=10_000, rounding=ROUND_HALF_EVEN)
_CENT = Decimal("0.01")


def number(value: Decimal | None) -> str | None:
    """All digits, without an exponent; None for none, and for what is no number.

    >>> number(Decimal("1E+3")), number(Decimal("-0.00")), number(Decimal("NaN"))
    ('1000', '0.00', None)
    """
    if value is None or not value.is_finite():
        return None
    return f"{value.copy_abs() if value.is_zero() else value:f}"


def percent(value: Decimal | None) -> str | None:
    """A change in percent, to two decimals.

    >>> percent(Decimal("7.18249"))
    '7.18'
    """
    if value is None or not value.is_finite() or value.adjusted() > _WIDE.prec // 2:
        return None
    return number(value.quantize(_CENT, context=_WIDE))


def moment(value: datetime) -> str:
    """ISO 8601 in UTC, to the second or finer.

    >>> moment(datetime(2026, 11, 26, 16, 32, tzinfo=UTC))
    '2026-11-26T16:32:00Z'
    """
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def moment_or_none(value: datetime | None) -> str | None:
    """The same, of what may be missing."""
    return None if value is None else moment(value)


def group(dims: Dims) -> list[str | None]:
    """A group's values."""
    return list(dims)


def encoded(body: Mapping[str, object]) -> bytes:
    """A body as it is sent: JSON without blanks, and no NaN."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
