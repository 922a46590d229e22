from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from kpi_pipeline.compute.cursor import A_FEW, MOST, Carry, Refuse, Rewind, read_cursor, remember
from kpi_pipeline.model.moment import MINUTE, parse_moment
from kpi_pipeline.model.state import Committed
from kpi_pipeline_tests.unit.builders import AS_OF, shop

RECENT = [AS_OF, AS_OF - MINUTE, AS_OF - 2 * MINUTE]


@pytest.mark.parametrize(
    ("cursor", "expected"),
    [
        pytest.param(None, Rewind(None), id="none: everything again"),
        pytest.param("", Rewind(None), id="emptied: everything again"),
        pytest.param(" \n", Rewind(None), id="blanked: everything again"),
        pytest.param(
            "2026-11-24T11:59:30+00:00",
            Rewind(parse_moment("2026-11-24T11:59:30Z")),
            id="set back a little",
        ),
        pytest.param("2025-01-01", Rewind(parse_moment("2025-01-01")), id="set back a year"),
        pytest.param(
            "2026-11-24T06:00-05:00",
            Rewind(parse_moment("2026-11-24T11:00Z")),
            id="in another zone",
        ),
        pytest.param(
            "2026-11-24T12:00:00+00:00", Carry("cursor is a committed watermark"), id="the last one"
        ),
        pytest.param(
            "2026-11-24T11:58Z", Carry("cursor is a committed watermark"), id="one of the last few"
        ),
        pytest.param(
            "2030-01-01",
            Carry("cursor is ahead of the committed watermark, which stands"),
            id="set ahead",
        ),
    ],
)
def test_a_cursor_is_the_operators_word(cursor: str | None, expected: Rewind | Carry) -> None:
    assert read_cursor(cursor, RECENT, has_state=True) == expected


def test_without_state_an_empty_cursor_is_a_first_start() -> None:
    assert read_cursor(None, [], has_state=False) == Carry("first start")


def test_a_cursor_without_any_watermark_to_hold_it_against_changes_nothing() -> None:
    assert isinstance(read_cursor("2025-01-01", [], has_state=True), Carry)


def test_a_cursor_that_is_no_timestamp_is_refused_with_the_format() -> None:
    answer = read_cursor("last tuesday", RECENT, has_state=True)

    assert answer == Refuse(
        "'last tuesday' is not a timestamp; write it like 2026-11-24T07:00:00+00:00, "
        "or leave it empty to fold everything again"
    )


def committed(*minutes: int, at: datetime = AS_OF) -> tuple[Committed, ...]:
    return tuple(Committed(AS_OF + m * MINUTE, at) for m in minutes)


def test_before_the_first_row_the_start_is_remembered() -> None:
    spec = shop()

    assert remember((), None, AS_OF, spec) == (Committed(spec.start, AS_OF),)


def test_a_new_watermark_is_remembered_first() -> None:
    recent = remember(committed(1, 0), AS_OF + 2 * MINUTE, AS_OF, shop())

    assert recent == committed(2, 1, 0)


@pytest.mark.parametrize("watermark", [None, AS_OF])
def test_a_watermark_that_stands_still_adds_nothing(watermark: datetime | None) -> None:
    assert remember(committed(1, 0), watermark, AS_OF, shop()) == committed(1, 0)


def test_all_watermarks_of_the_last_few_ticks_are_remembered() -> None:
    many = committed(*range(50, 0, -1))

    assert remember(many, None, AS_OF + 9 * MINUTE, shop()) == many


def test_of_older_watermarks_the_last_few_are_remembered() -> None:
    many = committed(*range(50, 0, -1))

    assert remember(many, None, AS_OF + 11 * MINUTE, shop()) == many[:A_FEW]


def test_a_slow_sensor_is_remembered_longer() -> None:
    many = committed(*range(50, 0, -1))
    slow = replace(shop(), every=timedelta(hours=1))

    assert remember(many, None, AS_OF + timedelta(hours=3), slow) == many


def test_memory_has_an_end() -> None:
    many = committed(*range(MOST + 50, 0, -1))

    assert remember(many, None, AS_OF, shop()) == many[:MOST]
