import pytest

from kpi_pipeline.model.errors import SpecError
from kpi_pipeline.model.span import Span
from kpi_pipeline.model.window import ToDate, Window
from kpi_pipeline_tests.unit.builders import shop

ALL = """
    lifetime: {}
    today:
      grain_to_date: day
      compare: {offset_window: 7 days}
    hour: {window: 60m}
"""


def test_an_empty_window_is_lifetime() -> None:
    assert shop("lifetime: {}", "lifetime:").windows["lifetime"] == Window(name="lifetime")


def test_a_window_runs_to_date_and_is_compared_with_the_same_time_days_before() -> None:
    window = shop().windows["today"]

    assert window == Window(name="today", grain_to_date=ToDate.DAY, offset=Span(days=7))


def test_a_week_is_seven_days() -> None:
    window = shop("offset_window: 7 days", "offset_window: 1 week").windows["today"]

    assert window.offset == Span(days=7)


def test_a_trailing_window_has_its_length() -> None:
    assert shop().windows["hour"] == Window(name="hour", trailing=Span(minutes=60))


@pytest.mark.parametrize("period", list(ToDate))
def test_every_period_has_its_word(period: ToDate) -> None:
    window = shop("{window: 60m}", f"{{grain_to_date: {period.value}}}").windows["hour"]

    assert window.grain_to_date is period


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            "{window: 60m}",
            "{windo: 60m}",
            "defs.yaml:17: windows.hour.windo: unknown key (did you mean 'window'?)",
            id="an unknown key names the nearest",
        ),
        pytest.param(
            "hour: {window: 60m}",
            "Hour: {window: 60m}",
            (
                "defs.yaml:17: windows.Hour: a name is lower case letters, digits and _, at "
                "most 63 of them"
            ),
            id="a name is a plain word",
        ),
        pytest.param(
            "{window: 60m}",
            "{window: 60m, grain_to_date: day}",
            "defs.yaml:17: windows.hour: is either grain_to_date or window, not both",
            id="one or the other",
        ),
        pytest.param(
            "grain_to_date: day",
            "grain_to_date: days",
            (
                "defs.yaml:15: windows.today.grain_to_date: unknown period 'days' (did you "
                "mean 'day'?)"
            ),
            id="an unknown period names the nearest",
        ),
        pytest.param(
            "grain_to_date: day",
            "grain_to_date: xyzzy",
            (
                "defs.yaml:15: windows.today.grain_to_date: unknown period 'xyzzy' (known: "
                "day, hour, month, quarter, week, year)"
            ),
            id="an unknown period near to none lists all",
        ),
        pytest.param(
            "{window: 60m}",
            "{window: 0m}",
            "defs.yaml:17: windows.hour.window: must be one or more whole minutes",
            id="no minutes",
        ),
        pytest.param(
            "{window: 60m}",
            "{window: 30s}",
            "defs.yaml:17: windows.hour.window: must be one or more whole minutes",
            id="half a minute",
        ),
        pytest.param(
            "{window: 60m}",
            "{window: 90s}",
            "defs.yaml:17: windows.hour.window: must be one or more whole minutes",
            id="a minute and a half",
        ),
        pytest.param(
            "{window: 60m}",
            "{window: 60}",
            (
                "defs.yaml:17: windows.hour.window: '60' is not a length of time; write it "
                "like 60 minutes, 7 days or 3 months"
            ),
            id="a number without its unit",
        ),
        pytest.param(
            "{window: 60m}",
            "{window: -60m}",
            (
                "defs.yaml:17: windows.hour.window: '-60m' is not a length of time; write it "
                "like 60 minutes, 7 days or 3 months"
            ),
            id="a negative length",
        ),
        pytest.param(
            "{window: 60m}",
            "{window: 36526 days}",
            "defs.yaml:17: windows.hour.window: '36526 days' is longer than a century",
            id="more than a century",
        ),
        pytest.param(
            "offset_window: 7 days",
            "offset_window: 36h",
            (
                "defs.yaml:16: windows.today.compare.offset_window: must be one or more whole "
                "days, weeks, months or years, such as 7 days"
            ),
            id="an offset of hours",
        ),
        pytest.param(
            "offset_window: 7 days",
            "offset_window: 0d",
            (
                "defs.yaml:16: windows.today.compare.offset_window: must be one or more whole "
                "days, weeks, months or years, such as 7 days"
            ),
            id="an offset of nothing",
        ),
        pytest.param(
            "compare: {offset_window: 7 days}",
            "compare: {}",
            (
                "defs.yaml:16: windows.today.compare.offset_window: must be one or more whole "
                "days, weeks, months or years, such as 7 days"
            ),
            id="an offset that is not given",
        ),
        pytest.param(
            "compare: {offset_window: 7 days}",
            "compare: {offset: 7 days}",
            (
                "defs.yaml:16: windows.today.compare.offset: unknown key (did you mean "
                "'offset_window'?)"
            ),
            id="an offset by another name",
        ),
        pytest.param(
            "compare: {offset_window: 7 days}",
            "compare: 7 days",
            "defs.yaml:16: windows.today.compare: must be a mapping of keys, not '7 days'",
            id="a comparison that is not a mapping",
        ),
        pytest.param(
            "lifetime: {}",
            "lifetime: {compare: {offset_window: 1 day}}",
            "defs.yaml:13: windows.lifetime.compare: a lifetime has nothing to compare with",
            id="a lifetime compared",
        ),
        pytest.param(
            ALL,
            "\n",
            "defs.yaml:12: windows: declare at least one window, such as `lifetime: {}`",
            id="no windows at all",
        ),
    ],
)
def test_a_fault_is_told_with_file_line_and_path(old: str, new: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        shop(old, new)

    assert str(caught.value) == message
