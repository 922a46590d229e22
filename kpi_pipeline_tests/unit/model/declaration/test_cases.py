"""Test cases from YAML: what they mean, and how they are refused."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kpi_pipeline.model.case import Case, Expectation, Wanted
from kpi_pipeline.model.declaration.cases.document import parse_cases
from kpi_pipeline.model.errors import SpecError
from kpi_pipeline.model.metric import Aggregation, SimpleMetric
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline_tests.unit.builders import shop

CASES = """\
cases:
  a refund:
    as_of: 2026-03-01 12:30
    columns: {code: text}
    rows:
      - {at: 2026-03-01 12:00, amount: 10.50, kind: DELI, code: 007}
      - {at: 2026-03-01T17:10:00+00:00, amount: -0.50, kind: null}
    expect:
      today: {revenue: 10.00, average: null, by_kind: {DELI: 10.50, null: -0.5}}
"""


def read(old: str = "", new: str = "") -> Case:
    """The only case, with one passage replaced."""
    assert not old or CASES.count(old) == 1
    (case,) = parse_cases(shop(), CASES.replace(old, new) if old else CASES, "tests/a.yaml")
    return case


def said(old: str, new: str) -> str:
    with pytest.raises(SpecError) as caught:
        read(old, new)
    return str(caught.value)


def test_rows_keep_what_was_written_and_business_time_is_meant() -> None:
    case = read()
    ((first, second),) = case.batches

    assert case.as_of == datetime(2026, 3, 1, 17, 30, tzinfo=UTC)
    assert dict(first.values) == {
        "at": "2026-03-01T17:00:00+00:00",
        "amount": "10.50",
        "kind": "DELI",
        "code": "007",
    }
    assert second.values["at"] == "2026-03-01T17:10:00+00:00"
    assert second.values["kind"] is None
    assert (first.place, second.place) == ("tests/a.yaml:6", "tests/a.yaml:7")


def test_expected_values_are_decimals_by_group() -> None:
    assert read().expected == (
        Expectation(metric="revenue", window="today", values={(): Wanted(value=Decimal("10.00"))}),
        Expectation(metric="average", window="today", values={(): Wanted(value=None)}),
        Expectation(
            metric="by_kind",
            window="today",
            values={
                ("DELI",): Wanted(value=Decimal("10.50")),
                (None,): Wanted(value=Decimal("-0.5")),
            },
        ),
    )


def test_types_are_guessed_from_all_rows_and_from_what_is_declared() -> None:
    assert read().columns == {
        "at": "timestamptz",
        "id": "bigint",
        "amount": "numeric",
        "kind": "text",
        "code": "text",
    }


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (("true", "false"), "boolean"),
        (("1", "2.5"), "numeric"),
        (("1", "true"), "text"),
        (("1", "a"), "text"),
        (("{a: 1}", "[1]"), "jsonb"),
        (("null", "null"), "text"),
        (("12:30", "010"), "text"),
    ],
)
def test_a_guess_takes_what_fits_every_value(values: tuple[str, str], kind: str) -> None:
    rows = "".join(f"      - {{at: 2026-03-01, kind: {value}}}\n" for value in values)
    first = CASES.index("      - ")
    case, *_ = parse_cases(
        shop(), CASES[:first] + rows + CASES[CASES.index("    expect") :], "a.yaml"
    )

    assert case.columns["kind"] == kind


def test_a_column_that_is_summed_is_a_number_even_without_values() -> None:
    assert read("amount: 10.50, ", "").columns["amount"] == "numeric"
    assert (
        parse_cases(shop(), CASES.replace("amount: 10.50", "amount: null"), "a")[0].columns[
            "amount"
        ]
        == "numeric"
    )


def test_batches_are_folded_apart() -> None:
    first, second = (line for line in CASES.splitlines() if line.startswith("      - "))
    text = CASES.replace(first, f"      -\n  {first}").replace(second, f"      -\n  {second}")

    (case,) = parse_cases(shop(), text.replace("rows:", "batches:"), "a.yaml")

    assert [len(batch) for batch in case.batches] == [1, 1]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("as_of: 2026", "asof: 2026", "3: cases.a refund.asof: unknown key (did you mean 'as_of'"),
        ("as_of: 2026-03-01 12:30", "as_of: noon", "3: cases.a refund.as_of: 'noon' is not a m"),
        (
            "as_of: 2026-03-01 12:30",
            "as_of: 2026-11-01 01:30",
            "show 2026-11-01 01:30:00 twice; give the offset, such as 2026-11-01 01:30:00-04:00 or",
        ),
        (
            "as_of: 2026-03-01 12:30",
            "as_of: 2026-03-08 02:30",
            "3: cases.a refund.as_of: clocks in America/New_York show 2026-03-08 02:30:00 never",
        ),
        (
            "as_of: 2026-03-01 12:30",
            "as_of: 2026-02-01",
            "3: cases.a refund.as_of: lies before every row",
        ),
        (
            "{code: text}",
            "{code: txt}",
            "4: cases.a refund.columns.code: unknown type 'txt' (did you mean 'text'?)",
        ),
        ("{code: text}", "{code: text DEFAULT now()}", "4: cases.a refund.columns.code: unknown"),
        (
            "amount: 10.50",
            "amout: 10.50",
            "6: cases.a refund.rows.0.amout: unknown column (did you mean 'amount'?); name",
        ),
        (
            "at: 2026-03-01 12:00",
            "at: noon",
            "6: cases.a refund.rows.0.at: 'noon' is not a moment",
        ),
        ("    rows:", "    rows: 5\n    x:", "cases.a refund.x: unknown key"),
        ("    rows:", "    rows: 5\n    batches:", "needs either rows or batches"),
        ("    rows:", "    batches:", "6: cases.a refund.batches.0: must be a list, not {"),
        ("today: {", "yesterday: {", "9: cases.a refund.expect.yesterday: unknown window"),
        ("{revenue:", "{revenu:", "9: cases.a refund.expect.today.revenu: unknown metric (did y"),
        (
            "revenue: 10.00",
            "revenue: ten",
            "expect.today.revenue: must be a number or null, not 'te",
        ),
        ("revenue: 10.00", "revenue: true", "expect.today.revenue: must be a number or null"),
        ("revenue: 10.00", "revenue: [1]", "expect.today.revenue: must be a number or null"),
        (
            "revenue: 10.00",
            "revenue: {value: 10, within: 1%}",
            "expect.today.revenue: is exact, so there is nothing to be within",
        ),
        (
            "{DELI: 10.50, null: -0.5}",
            "10",
            "expect.today.by_kind: has a value for each kind, such as {a: 1, b: 2}",
        ),
        (
            "      today: {revenue: 10.00, average: null, by_kind: {DELI: 10.50, null: -0.5}}\n",
            "",
            "8: cases.a refund.expect: expects nothing",
        ),
        ("cases:", "case:", "1: case: unknown key (did you mean 'cases'?)"),
        ("kind: DELI", "kind: DELI, kind: MEAT", "6: the key 'kind' stands here twice"),
    ],
)
def test_a_slip_is_told_with_file_line_and_nearest_word(old: str, new: str, message: str) -> None:
    found = said(old, new)

    assert found.startswith("tests/a.yaml:")
    assert message in found


@pytest.mark.parametrize("text", ["", "cases:", "cases: {}", "{}"])
def test_a_file_without_cases_is_told(text: str) -> None:
    with pytest.raises(SpecError, match=r"a.yaml:1: declare at least one case under `cases:`"):
        parse_cases(shop(), text, "a.yaml")


@pytest.mark.parametrize("text", ["[", "- a", "a: *b", "cases: 7", "cases: {a: 7}", "cases: {a: }"])
def test_what_is_no_file_of_cases_is_told(text: str) -> None:
    with pytest.raises(SpecError, match=r"^a.yaml:1: "):
        parse_cases(shop(), text, "a.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate(SimpleMetric):
    """A metric that is not exact."""

    approximate: bool = True


def estimating(within: str) -> str:
    return CASES.replace("revenue: 10.00", f"revenue: {{value: 12.3, within: {within}}}")


@pytest.fixture
def estimated() -> PipelineSpec:
    spec = shop()
    metric = Estimate(name="revenue", agg=Aggregation.COUNT_DISTINCT, expr='"amount"')
    return replace(spec, metrics={**spec.metrics, "revenue": metric})


@pytest.mark.parametrize(
    ("within", "part"), [("1%", "0.01"), ("0.5 %", "0.005"), ("0.02", "0.02"), ("0", "0")]
)
def test_an_estimate_may_be_expected_within_a_part(
    estimated: PipelineSpec, within: str, part: str
) -> None:
    (case,) = parse_cases(estimated, estimating(within), "a.yaml")
    wanted = case.expected[0].values[()]

    assert (wanted.value, wanted.within) == (Decimal("12.3"), Decimal(part))


def test_what_divides_by_an_estimate_is_one(estimated: PipelineSpec) -> None:
    text = CASES.replace("average: null", "average: {value: 5, within: 1%}")

    (case,) = parse_cases(estimated, text, "a.yaml")

    assert case.expected[1].values[()].within == Decimal("0.01")


@pytest.mark.parametrize("within", ["-1%", "some", "null"])
def test_a_tolerance_that_is_none_is_told(estimated: PipelineSpec, within: str) -> None:
    with pytest.raises(SpecError, match=r"a.yaml:9: cases.a refund.expect.today.revenue"):
        parse_cases(estimated, estimating(within), "a.yaml")


def test_a_table_needs_no_key_and_a_row_no_time() -> None:
    text = CASES.replace("{at: 2026-03-01 12:00, ", "{").replace("code: 007", "code: 12:30.5")

    (case,) = parse_cases(shop("key: id, ", ""), text, "a.yaml")

    assert "id" not in case.columns
    assert case.batches[0][0].values == {"amount": "10.50", "kind": "DELI", "code": "12:30.5"}
