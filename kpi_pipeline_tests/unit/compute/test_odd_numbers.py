"""Numbers that databases hold and arithmetic stumbles over."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from kpi_pipeline.compute.calendar import days_in, whole_days
from kpi_pipeline.compute.numbers import format_number, format_value
from kpi_pipeline.compute.partial import Partial, merge
from kpi_pipeline.compute.statistic import members
from kpi_pipeline.compute.windows import bounds
from kpi_pipeline.model.errors import first_line
from kpi_pipeline.model.moment import MINUTE, Interval
from kpi_pipeline.model.window import ToDate, Window
from kpi_pipeline_tests.unit.builders import reading


@pytest.mark.parametrize(
    ("left", "right", "low", "high"),
    [
        pytest.param("NaN", "1", "1", "NaN", id="NaN is above every number, as in PostgreSQL"),
        pytest.param("Infinity", "NaN", "Infinity", "NaN", id="and above infinity"),
        pytest.param("-Infinity", "1", "-Infinity", "1", id="minus infinity is below"),
    ],
)
def test_extremes_follow_the_order_of_postgresql(
    left: str, right: str, low: str, high: str
) -> None:
    merged = merge(
        Partial(low=Decimal(left), high=Decimal(left)),
        Partial(low=Decimal(right), high=Decimal(right)),
    )

    assert (str(merged.low), str(merged.high)) == (low, high)


def test_infinities_that_meet_are_no_number() -> None:
    total = merge(Partial(total=Decimal("Infinity")), Partial(total=Decimal("-Infinity"))).total

    assert total is not None
    assert total.is_nan()


@pytest.mark.parametrize("baseline", ["Infinity", "NaN", "0"])
def test_there_is_no_change_against_what_is_no_number(baseline: str) -> None:
    assert replace(reading("5"), baseline=Decimal(baseline)).delta_percent is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param("0.0042", "0.0042", id="small"),
        pytest.param("0.3", "0.30", id="two decimals at least"),
        pytest.param("-0.001", "-0.001", id="negative"),
        pytest.param("0.123456", "0.123", id="three digits"),
        pytest.param("1E-20", "1.00e-20", id="tiny"),
    ],
)
def test_numbers_below_one_keep_three_digits(value: str, text: str) -> None:
    assert format_number(Decimal(value)) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        pytest.param("5400", "s", "1h 30m", id="seconds are a duration"),
        pytest.param("1200", "USD", "1,200.00", id="money has cents"),
        pytest.param("1200", "orders", "1,200", id="other units have none"),
        pytest.param("NaN", "USD", "NaN", id="what is no number stays so"),
    ],
)
def test_values_are_written_as_their_unit_wants(value: str, unit: str, text: str) -> None:
    assert format_value(Decimal(value), unit) == text


@pytest.mark.parametrize("data", [b"\x01", b"", b"\x02abc"], ids=["cut", "empty", "newer"])
def test_damaged_members_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"cut short|not known"):
        members.decode(data)


@pytest.mark.parametrize("year", range(1990, 2011, 4))
def test_days_tile_time_where_clocks_go_back_over_midnight(year: int) -> None:
    zone = ZoneInfo("America/St_Johns")
    start = datetime(year, 10, 20, tzinfo=UTC)
    span = Interval(start, start + 20 * 24 * 60 * MINUTE)
    days = days_in((span,), zone)

    assert all(a.end == b.start for a, b in pairwise(days))
    for minute in range(0, span.minutes, 30):
        item = Interval(start + minute * MINUTE, start + (minute + 1) * MINUTE)
        whole = whole_days(item, zone)
        assert whole.start <= item.start
        assert item.end <= whole.end


def test_an_hour_that_a_half_hour_of_summer_time_cuts_starts_at_the_change() -> None:
    found = bounds(
        Window(name="hour", grain_to_date=ToDate.HOUR),
        datetime(2026, 10, 3, 15, 40, tzinfo=UTC),
        ZoneInfo("Australia/Lord_Howe"),
    )

    assert found.start == datetime(2026, 10, 3, 15, 30, tzinfo=UTC)


def test_intervals_are_as_long_as_time_passes() -> None:
    zone = ZoneInfo("America/New_York")
    night = Interval(datetime(2026, 11, 1, 0, tzinfo=zone), datetime(2026, 11, 1, 3, tzinfo=zone))

    assert night.minutes == 240


@pytest.mark.parametrize(
    ("error", "line"),
    [
        pytest.param("\n said this\nand that", " said this", id="the first line"),
        pytest.param("", "str", id="nothing said"),
    ],
)
def test_the_first_line_is_what_was_said(error: str, line: str) -> None:
    assert first_line(error) == line
