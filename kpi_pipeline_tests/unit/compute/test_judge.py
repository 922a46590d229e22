from dataclasses import replace
from decimal import Decimal

import pytest

from kpi_pipeline.compute.judge import judge
from kpi_pipeline.model.episode import Evidence, Phase, Verdict
from kpi_pipeline.model.notice import Level
from kpi_pipeline.model.threshold import Threshold
from kpi_pipeline_tests.unit.builders import RULE, reading

BOTH = Threshold(
    name="both",
    metric="average",
    window="today",
    critical_below=Decimal(10),
    warn_below=Decimal(20),
    clear_above=Decimal(25),
    clear_below=Decimal(75),
    warn_above=Decimal(80),
    critical_above=Decimal(90),
)


@pytest.mark.parametrize(
    ("value", "evidence", "level", "bound"),
    [
        pytest.param("9", Evidence.BREACH, Level.CRITICAL, "10", id="below both low bounds"),
        pytest.param("10", Evidence.BREACH, Level.WARN, "20", id="on the critical low bound"),
        pytest.param("19.99", Evidence.BREACH, Level.WARN, "20", id="below the mild low bound"),
        pytest.param("20", Evidence.HOLD, Level.NONE, "25", id="on the mild low bound"),
        pytest.param("24.99", Evidence.HOLD, Level.NONE, "25", id="not yet clear of it"),
        pytest.param("25", Evidence.CLEAR, Level.NONE, "20", id="on the low clear bound"),
        pytest.param("50", Evidence.CLEAR, Level.NONE, "20", id="healthy"),
        pytest.param("75", Evidence.CLEAR, Level.NONE, "20", id="on the high clear bound"),
        pytest.param("75.01", Evidence.HOLD, Level.NONE, "75", id="not yet clear of the high one"),
        pytest.param("80", Evidence.HOLD, Level.NONE, "75", id="on the mild high bound"),
        pytest.param("80.01", Evidence.BREACH, Level.WARN, "80", id="above the mild high bound"),
        pytest.param("90.01", Evidence.BREACH, Level.CRITICAL, "90", id="above both high bounds"),
    ],
)
def test_a_bound_is_past_only_on_its_bad_side(
    value: str, evidence: Evidence, level: Level, bound: str
) -> None:
    found = judge(BOTH, reading(value))

    assert (found.evidence, found.level, found.bound) == (evidence, level, Decimal(bound))


@pytest.mark.parametrize("value", [None, "NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_no_value_of_an_alert(value: str | None) -> None:
    found = judge(BOTH, reading(value))

    assert (found.evidence, found.value) == (Evidence.MISSING, None)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param("9", "9 < 10", id="too low"),
        pytest.param("1e3", "1,000 > 90", id="too high"),
        pytest.param("24", "24 is not yet above clear_above 25", id="held low"),
        pytest.param("76", "76 is not yet below clear_below 75", id="held high"),
        pytest.param("50", "50 is within bounds", id="healthy"),
    ],
)
def test_every_verdict_has_its_reason(value: str, reason: str) -> None:
    assert judge(BOTH, reading(value)).reason == reason


def test_zero_is_a_value_and_can_breach() -> None:
    assert judge(RULE, reading("0")) == Verdict(
        rule="low",
        dims=(),
        evidence=Evidence.BREACH,
        level=Level.CRITICAL,
        value=Decimal(0),
        bound=Decimal(20),
        reason="0 < 20",
        phase=Phase.OK,
    )


@pytest.mark.parametrize(
    ("value", "rows", "building", "reason"),
    [
        pytest.param(None, 0, False, "there is no value", id="an average of nothing"),
        pytest.param("NaN", 99, False, "there is no value", id="not a number"),
        pytest.param("-Infinity", 99, False, "there is no value", id="not finite"),
        pytest.param("1", 19, False, "19 rows are fewer than min_count 20", id="too few rows"),
        pytest.param("1", 99, True, "history is still being filled", id="not yet known"),
    ],
)
def test_a_value_that_means_nothing_is_no_evidence(
    value: str | None, rows: int, reason: str, *, building: bool
) -> None:
    looked_at = replace(reading(value, rows=rows), building=building)

    found = judge(replace(RULE, min_count=20), looked_at)

    assert (found.evidence, found.level, found.bound, found.reason) == (
        Evidence.MISSING,
        Level.NONE,
        None,
        reason,
    )


def test_just_enough_rows_are_evidence() -> None:
    found = judge(replace(RULE, min_count=20), reading("1", rows=20))

    assert found.evidence is Evidence.BREACH


def test_a_verdict_belongs_to_its_group() -> None:
    assert judge(RULE, reading("1", dims=("DELI", None))).dims == ("DELI", None)
