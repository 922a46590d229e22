"""Cases of rules from YAML: series in, episodes out."""

from datetime import timedelta
from decimal import Decimal

import pytest

from kpi_pipeline.compute.rehearsal import rehearse
from kpi_pipeline.model.case import AlertCase
from kpi_pipeline.model.declaration.cases.document import parse_file
from kpi_pipeline.model.declaration.lines import parse_text
from kpi_pipeline.model.errors import SpecError
from kpi_pipeline_tests.sales import DECLARATION
from kpi_pipeline_tests.unit.builders import shop

TEXT = """\
alerts:
  a low average:
    start: 2026-03-02 12:00
    series: {low: 40 25x3 _ 31}
    expect:
      low: [{from: 2026-03-02 12:01, until: 2026-03-02 12:05, level: warn}]
"""
SPEC = shop()
KINDS = DECLARATION + "    kinds: {metric: revenue_by_type, window: lifetime, below: 10}\n"


def case(old: str = "", new: str = "") -> AlertCase:
    text = TEXT.replace(old, new) if old else TEXT
    (found,) = parse_file(SPEC, text, "a.yaml")[1]
    return found


def test_a_series_is_values_that_may_be_repeated_or_missing() -> None:
    found = case()

    values = [None if value is None else str(value) for value in found.series["low"][()]]
    assert values == ["40", "25", "25", "25", None, "31"]
    assert (found.every, found.place) == (timedelta(minutes=1), "a.yaml:2")


@pytest.mark.parametrize("series", ["[40, 25, 25, 25, null, 31]", "[40, 25x3, _, 31]"])
def test_a_series_may_be_a_list(series: str) -> None:
    assert case("40 25x3 _ 31", series).series == case().series


def test_what_is_as_expected_has_no_mismatch() -> None:
    assert rehearse(SPEC, case()) == ()
    assert rehearse(SPEC, case(", level: warn", "")) == ()


@pytest.mark.parametrize(
    ("old", "new", "expected", "actual"),
    [
        (
            "12:05",
            "12:04",
            "2026-03-02 12:01 to 2026-03-02 12:04 warn",
            "2026-03-02 12:01 to 2026-03-02 12:05 warn",
        ),
        (
            "until: 2026-03-02 12:05, level: warn",
            "level: critical",
            "2026-03-02 12:01 to still critical",
            "2026-03-02 12:01 to 2026-03-02 12:05 warn",
        ),
        (
            "[{from: 2026-03-02 12:01, until: 2026-03-02 12:05, level: warn}]",
            "[]",
            "does not fire",
            "2026-03-02 12:01 to 2026-03-02 12:05 warn",
        ),
        (
            "40 25x3 _ 31",
            "40",
            "2026-03-02 12:01 to 2026-03-02 12:05 warn",
            "does not fire",
        ),
    ],
)
def test_what_differs_is_told(old: str, new: str, expected: str, actual: str) -> None:
    (found,) = rehearse(SPEC, case(old, new))

    assert (found.metric, found.expected, found.actual) == ("low", expected, actual)


def test_a_rule_about_change_is_given_what_it_is_compared_with() -> None:
    spec = shop("warn_below: 30", "change: percent\n      warn_below: -20")
    text = TEXT.replace("    series:", "    before: {low: 50}\n    series:")

    (found,) = parse_file(spec, text, "a.yaml")[1]

    assert found.before == {"low": {(): Decimal(50)}}
    assert [item.actual for item in rehearse(spec, found)] == ["2026-03-02 12:01 to still warn"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("start: 2026-03-02 12:00", "start: noon", "3: alerts.a low average.start: 'noon' is not"),
        ("{low: 40", "{lo: 40", "4: alerts.a low average.series.lo: unknown rule (did you mean"),
        ("40 25x3", "40 many", "series.low: 'many' is no value; write it like 40 25x7 _ 31"),
        ("40 25x3 _ 31", "[]", "series.low: has 0 values; 1 to 100,000 are possible"),
        ("{low: 40 25x3 _ 31}", "{}", "2: alerts.a low average: needs a series"),
        ("level: warn", "level: warm", "unknown level 'warm' (did you mean 'warn'?)"),
        ("from:", "form:", "form: unknown key (did you mean 'from'?)"),
        ("      low: [", "      lwo: [", "expect.lwo: has no series (did you mean 'low'?)"),
        ("    start:", "    every: 0m\n    start:", "every: must be longer than nothing"),
        (
            "      low: [{from: 2026-03-02 12:01, until: 2026-03-02 12:05, level: warn}]",
            "",
            "2: alerts.a low average: expects nothing",
        ),
        (
            "low: [{from: 2026-03-02 12:01, until: 2026-03-02 12:05, level: warn}]",
            "low: noon",
            "expect.low: must be a list of times",
        ),
        ("alerts:", "alert:", "alert: unknown key (did you mean 'alerts'?)"),
    ],
)
def test_a_fault_is_told_with_file_and_line(old: str, new: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        case(old, new)

    assert message in str(caught.value)


TWO = shop(
    "    low:\n",
    """\
    fell:
      metric: average
      window: today
      change: percent
      below: -30
      for: 1m
    low:
""",
)


def test_rules_that_look_at_the_same_metric_see_it_once() -> None:
    text = """\
alerts:
  a fall:
    start: 2026-03-02 12:00
    series: {fell: 40 25x3 31, low: 40 25x3 31}
    before: {fell: 40}
    expect:
      low: [{from: 2026-03-02 12:01, until: 2026-03-02 12:04}]
      fell: [{from: 2026-03-02 12:02, until: 2026-03-02 12:04}]
"""
    (found,) = parse_file(TWO, text, "a.yaml")[1]

    assert rehearse(TWO, found) == ()


@pytest.mark.parametrize(
    "lines",
    [
        "series: {low: 40 25, fell: 40 26}",
        "series: {low: 40, fell: 40}\n    before: {low: 1, fell: 2}",
    ],
)
def test_a_metric_has_one_value_at_a_time(lines: str) -> None:
    text = f"alerts:\n  a:\n    start: 2026-03-02\n    {lines}\n    expect: {{low: []}}\n"

    with pytest.raises(SpecError, match="fell: says otherwise than low, which looks at average"):
        parse_file(TWO, text, "a.yaml")


GROUPED = parse_text("sales", KINDS, "defs.yaml")
BY_GROUP = """\
alerts:
  one kind alone:
    start: 2026-03-02 12:00
    series:
      kinds:
        DELI: 40 5x3 31
        MEAT: 40x9
        null: 5x2
    expect:
      kinds:
        DELI: [{from: 2026-03-02 12:01, until: 2026-03-02 12:04}]
        null: [{from: 2026-03-02 12:00, until: still}]
"""


def grouped(old: str = "", new: str = "") -> AlertCase:
    (found,) = parse_file(GROUPED, BY_GROUP.replace(old, new) if old else BY_GROUP, "a.yaml")[1]
    return found


def test_a_rule_with_groups_is_tried_group_by_group() -> None:
    found = grouped()

    assert list(found.series["kinds"]) == [("DELI",), ("MEAT",), (None,)]
    assert rehearse(GROUPED, found) == ()


def test_a_group_that_fires_and_is_not_named_is_told() -> None:
    (extra,) = rehearse(GROUPED, grouped("MEAT: 40x9", "MEAT: 40 4x8"))

    assert (extra.metric, extra.dims) == ("kinds", ("MEAT",))
    assert (extra.expected, extra.actual) == ("does not fire", "2026-03-02 12:01 to still warn")


@pytest.mark.parametrize("nothing", ["[]", "{}", "{DELI: []}"])
def test_that_no_group_fires_is_written_shortly(nothing: str) -> None:
    text = BY_GROUP[: BY_GROUP.index("      kinds:\n        DELI: [")] + f"      kinds: {nothing}\n"
    (found,) = parse_file(GROUPED, text, "a.yaml")[1]

    assert sorted(map(str, (item.dims for item in rehearse(GROUPED, found)))) == [
        "('DELI',)",
        "(None,)",
    ]


def test_each_group_may_be_compared_with_its_own() -> None:
    declared = KINDS.replace("below: 10", "change: percent, below: -50")
    spec = parse_text("sales", declared.replace("window: lifetime, ch", "window: today, ch"), "d")
    text = BY_GROUP.replace("    expect", "    before: {kinds: {DELI: 40, MEAT: 40}}\n    expect")
    (found,) = parse_file(spec, text.replace("        null: [", "        MEAT: ["), "a.yaml")[1]

    (missing,) = rehearse(spec, found)

    assert (missing.dims, missing.actual) == (("MEAT",), "does not fire")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("MEAT: 40x9", "MEAT: {x: 40}", "series.kinds: has no groups below 'MEAT'; write it like"),
        ("MEAT: 40x9", "MEAT: many", "series.kinds: 'many' is no value"),
        ("        null: 5x2", "        'DELI': 7", "the key 'DELI' stands here twice"),
        ("null: [", "MAET: [", "expect.kinds: MAET has no series (did you mean 'MEAT'?)"),
        ("    expect", "    before: {kinds: 40}\n    expect", "before.kinds: is watched for each"),
        ("    expect", "    before: {kinds: {X: 4}}\n    expect", "kinds: X has no series"),
        ("DELI: [{from: 2026-03-02 12:01, until: 2026-03-02 12:04}]", "DELI: x", "list of times"),
    ],
)
def test_a_fault_among_groups_is_told(old: str, new: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        grouped(old, new)

    assert message in str(caught.value)


@pytest.mark.parametrize("given", ["40 25", "[40, 25]", "{}"])
def test_a_rule_with_groups_needs_a_series_for_each(given: str) -> None:
    text = f"alerts:\n  a:\n    start: 2026-03-02\n    series: {{kinds: {given}}}\n"
    with pytest.raises(SpecError, match=r"series.kinds: (is watched for each|has no group)"):
        parse_file(GROUPED, f"{text}    expect: {{kinds: []}}\n", "a.yaml")


def test_a_rule_without_groups_has_none() -> None:
    with pytest.raises(SpecError, match=r"series.low: has no groups; write it like 40 25x7 _ 31"):
        case("40 25x3 _ 31", "{DELI: 40}")
