import pytest

from kpi_pipeline.model.declaration.spans import parse_offset, parse_span
from kpi_pipeline.model.span import Span

ZERO = "must be one or more whole days, weeks, months or years, such as 7 days"


@pytest.mark.parametrize(
    ("text", "expected", "said"),
    [
        ("60 minutes", Span(minutes=60), "1 hour"),
        ("90m", Span(minutes=90), "90 minutes"),
        ("1 MIN", Span(minutes=1), "1 minute"),
        ("120s", Span(minutes=2), "2 minutes"),
        ("48h", Span(minutes=2880), "48 hours"),
        (" 7 days ", Span(days=7), "7 days"),
        ("2w", Span(days=14), "14 days"),
        ("1 month", Span(months=1), "1 month"),
        ("5 quarters", Span(months=15), "5 quarters"),
        ("1 year", Span(months=12), "1 year"),
        ("100 years", Span(months=1200), "100 years"),
    ],
)
def test_a_length_is_read_and_said_again(text: str, expected: Span, said: str) -> None:
    assert parse_span(text) == expected
    assert expected.text == said


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0 minutes", "must be one or more whole minutes"),
        ("59s", "must be one or more whole minutes"),
        ("0 days", ZERO),
        ("0 months", ZERO),
        ("7", "'7' is not a length of time; write it like 60 minutes, 7 days or 3 months"),
        ("-7 days", "'-7 days' is not a length of time; write it like 60 minutes, 7 days or 3"),
        ("1.5 hours", "'1.5 hours' is not a length of time"),
        ("7 dayz", r"unknown unit 'dayz' \(did you mean 'days'\?\)"),
        ("7 fortnights", r"unknown unit 'fortnights' \(known: days, hours, minutes, months, quart"),
        ("101 years", "'101 years' is longer than a century"),
        ("36526 days", "'36526 days' is longer than a century"),
        ("99999999 minutes", "'99999999 minutes' is longer than a century"),
        ("9" * 5000 + " days", "9{40}' is not a length of time"),
        ("٣ days", "is not a length of time"),
    ],
)
def test_what_is_no_length_is_told(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_span(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7 days", Span(days=7)),
        ("48 hours", Span(days=2)),
        ("1 week", Span(days=7)),
        ("1 quarter", Span(months=3)),
    ],
)
def test_an_offset_is_whole_days_or_longer(text: str, expected: Span) -> None:
    assert parse_offset(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("36 hours", ZERO),
        ("5 minutes", ZERO),
        ("0 hours", ZERO),
        ("0 years", ZERO),
        ("101 years", "longer than a century"),
        ("week", "is not a length of time"),
        ("1 wek", "did you mean 'weeks'"),
    ],
)
def test_what_is_no_offset_is_told(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_offset(text)


def test_a_span_is_one_length_above_zero() -> None:
    for wrong in ({}, {"days": 1, "minutes": 1}, {"months": -1}):
        with pytest.raises(ValueError, match="not one length above zero"):
            Span(**wrong)
