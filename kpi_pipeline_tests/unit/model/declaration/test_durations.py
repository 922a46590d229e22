from datetime import timedelta

import pytest

from kpi_pipeline.model.declaration.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("30s", timedelta(seconds=30), id="seconds"),
        pytest.param("15m", timedelta(minutes=15), id="minutes"),
        pytest.param("2h", timedelta(hours=2), id="hours"),
        pytest.param("7 days", timedelta(days=7), id="a space and a long word"),
        pytest.param("  1\tWEEK ", timedelta(days=7), id="any case, any white space"),
        pytest.param("0s", timedelta(0), id="nothing is a duration too"),
        pytest.param("36500d", timedelta(days=36500), id="a century"),
    ],
)
def test_a_duration_is_a_whole_number_of_units(text: str, expected: timedelta) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("15", id="no unit"),
        pytest.param("m", id="no number"),
        pytest.param("-5m", id="a negative number"),
        pytest.param("1.5h", id="a fraction"),
        pytest.param("1h30m", id="two durations"),
        pytest.param("5 fortnights", id="an unknown unit"),
        pytest.param("1 month", id="months differ in length"),
        pytest.param("PT5M", id="an ISO duration"),
        pytest.param("1234567890s", id="ten digits"),
        pytest.param("5m; DROP TABLE x", id="more than a duration"),
    ],
)
def test_anything_else_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration; write it like 30s, 15m") as caught:
        parse_duration(text)

    assert repr(text) in str(caught.value)


def test_more_than_a_century_is_refused() -> None:
    with pytest.raises(ValueError, match="'999999999 weeks' is longer than a century"):
        parse_duration("999999999 weeks")


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        pytest.param(timedelta(0), "0s", id="nothing"),
        pytest.param(timedelta(seconds=90), "90s", id="no whole minutes"),
        pytest.param(timedelta(minutes=90), "90m", id="no whole hours"),
        pytest.param(timedelta(hours=36), "36h", id="no whole days"),
        pytest.param(timedelta(weeks=1), "7d", id="days are the longest unit"),
    ],
)
def test_a_duration_is_written_in_its_longest_whole_unit(
    duration: timedelta, expected: str
) -> None:
    assert format_duration(duration) == expected
