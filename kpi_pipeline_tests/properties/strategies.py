"""What laws are tried on: partials, intervals of minutes, moments and time zones."""

from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from kpi_pipeline.compute.partial import Partial
from kpi_pipeline.compute.statistic import members
from kpi_pipeline.model.moment import MINUTE, Interval

CONTEXT = Context(prec=2000)
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
ZONES = (
    "UTC",
    "Africa/Cairo",
    "America/Havana",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Europe/London",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
)

numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15)
ids = st.integers(min_value=0, max_value=2**32 - 1)
zones = st.sampled_from(ZONES).map(ZoneInfo)
moments = st.datetimes(
    min_value=datetime(1975, 1, 1),  # noqa: DTZ001 - hypothesis wants naive bounds
    max_value=datetime(2037, 1, 1),  # noqa: DTZ001 - likewise
    timezones=st.just(UTC),
)


def partial_of(values: list[Decimal | None]) -> Partial:
    """The partial of some rows, as a source would aggregate them."""
    present = [value for value in values if value is not None]
    return Partial(
        rows=len(values),
        n=len(present),
        total=exact_sum(present),
        low=min(present, default=None),
        high=max(present, default=None),
        sketch=members.encode({hash(value) % 50 for value in present}) if present else None,
    )


def exact_sum(values: list[Decimal]) -> Decimal | None:
    """A sum by whole numbers, which never round."""
    if not values:
        return None
    places = max(0, *(-int(value.as_tuple().exponent) for value in values))
    total = sum(int(value.scaleb(places, CONTEXT)) for value in values)
    return Decimal(total).scaleb(-places, CONTEXT)


rows = st.lists(st.none() | numbers, max_size=8)
partials = rows.map(partial_of)


@st.composite
def intervals(draw: st.DrawFn, *, most: int = 200) -> Interval:
    """An interval of whole minutes, not far from the others."""
    start = draw(st.integers(0, most))
    return Interval(EPOCH + start * MINUTE, EPOCH + (start + draw(st.integers(1, 40))) * MINUTE)


def minutes_of(found: tuple[Interval, ...] | list[Interval]) -> set[datetime]:
    """The minutes of some intervals, one by one."""
    return {item.start + k * MINUTE for item in found for k in range(item.minutes)}


def days(most: int) -> st.SearchStrategy[timedelta]:
    """A length of up to so many days, in whole minutes."""
    return st.integers(1, most * 24 * 60).map(lambda count: count * MINUTE)
