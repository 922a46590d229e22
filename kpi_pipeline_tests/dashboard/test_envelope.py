"""A snapshot as the API gives it: exact, and never better than what is known."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kpi_pipeline.dashboard.alerts import open_episodes
from kpi_pipeline.dashboard.envelope import snapshot_body, snapshot_id
from kpi_pipeline.dashboard.plain import encoded, number, percent
from kpi_pipeline.dashboard.shapes import ReadingShape, SnapshotShape
from kpi_pipeline.dashboard.table import cell, csv_text, snapshot_csv
from kpi_pipeline.model.live import AlertLog, Live
from kpi_pipeline_tests.dashboard.gallery_live import episodes_of, live_of
from kpi_pipeline_tests.dashboard.scenes import SCENES

NOW = datetime(2026, 11, 26, 16, 32, 15, tzinfo=UTC)
BY_NAME = {scene.spec.name: scene for scene in SCENES}


def live(name: str, now: datetime = NOW) -> Live:
    scene = BY_NAME[name]
    return live_of(scene, now, 4711, episodes_of(scene, now), ())


def body(name: str) -> SnapshotShape:
    return snapshot_body(BY_NAME[name].spec, live(name))


def reading(name: str, metric: str, window: str, place: int = 0) -> ReadingShape:
    kpi = next(item for item in body(name)["kpis"] if item["metric"] == metric)
    return [item for item in kpi["readings"] if item["window"] == window][place]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("1E+30"), "1" + "0" * 30),
        (Decimal("1E-9"), "0.000000001"),
        (Decimal("-0"), "0"),
        (Decimal("NaN"), None),
        (Decimal("Infinity"), None),
        (Decimal("-98765432109876543210.0000000000001"), "-98765432109876543210.0000000000001"),
        (None, None),
    ],
)
def test_a_decimal_keeps_every_digit_and_has_no_exponent(
    value: Decimal | None, shown: str | None
) -> None:
    assert number(value) == shown


def test_a_change_has_two_decimals_however_great_it_is() -> None:
    assert percent(Decimal(2) / Decimal(3)) == "0.67"
    assert percent(Decimal("1E+40")) == "1" + "0" * 40 + ".00"
    assert percent(Decimal("1E+9000")) is None


def test_the_id_grows_with_the_revision_and_with_the_minute() -> None:
    first = live("live").snapshot
    later = live("live", NOW + timedelta(minutes=1)).snapshot
    assert first is not None
    assert later is not None

    assert snapshot_id(first) == "4711.29928512"
    assert snapshot_id(later) == "4711.29928513"
    assert snapshot_id(replace(first, revision=4712)) == "4712.29928512"
    assert snapshot_id(None) == "0.0"


def test_the_same_id_is_the_same_body_within_a_minute() -> None:
    spec, first = BY_NAME["live"].spec, live("live")
    assert first.snapshot is not None
    second = replace(
        first, snapshot=replace(first.snapshot, as_of=first.snapshot.as_of + timedelta(seconds=9))
    )

    assert snapshot_body(spec, first) == snapshot_body(spec, second)


def test_before_the_first_fold_every_kpi_is_there_without_a_reading() -> None:
    found = body("empty")

    assert (found["id"], found["as_of"], found["watermark"]) == ("0.0", None, None)
    assert [len(kpi["readings"]) for kpi in found["kpis"]] == [0] * 5
    assert [window["end"] for window in found["windows"]] == [None] * 3


@pytest.mark.parametrize(
    ("scene", "metric", "window", "state"),
    [
        ("live", "avg_order_value", "last_60m", "ok"),
        ("live", "avg_order_value", "today", "none"),  # no rule watches it
        ("firing", "avg_order_value", "last_60m", "critical"),
        ("firing_warn", "avg_order_value", "last_60m", "warn"),
        ("firing", "total_revenue", "lifetime", "pending"),
        ("building", "avg_order_value", "last_60m", "unknown"),
        ("odd", "avg_order_value", "last_60m", "unknown"),  # no value where a rule needs one
    ],
)
def test_a_state_is_the_worst_of_the_rules_and_unknown_is_never_good(
    scene: str, metric: str, window: str, state: str
) -> None:
    assert reading(scene, metric, window)["state"] == state


def test_a_rule_that_was_not_judged_yet_is_unknown() -> None:
    found = replace(live("live"), verdicts=())
    kpi = snapshot_body(BY_NAME["live"].spec, found)["kpis"][4]

    assert [r["state"] for r in kpi["readings"]] == ["none", "none", "unknown"]


def test_a_change_that_fires_is_told_in_percent_as_the_table_says_it() -> None:
    found = open_episodes(
        BY_NAME["firing"].spec, live("firing"), AlertLog(count=0, transitions=(), runs={})
    )
    fell = next(item for item in found if item["rule"] == "type_falls")
    kpi = next(item for item in body("firing")["kpis"] if item["group_by"])
    today = [r for r in kpi["readings"] if (r["window"], r["dims"]) == ("today", fell["dims"])]

    assert (fell["bound"], fell["unit"]) == ("-50", "%")
    assert percent(Decimal(fell["value"] or 0)) == "-62.50"
    assert [r["compare"] and r["compare"]["delta_pct"] for r in today] == ["-62.50"]


def test_a_group_that_is_called_like_the_others_has_a_state_of_its_own() -> None:
    found = live("firing")
    assert found.snapshot is not None
    called = (r"\(other)",)
    readings = tuple(
        replace(item, dims=called) if item.dims == ("DRUG GM",) else item
        for item in found.snapshot.readings
    )
    verdicts = tuple(
        replace(item, dims=called) if item.dims == ("DRUG GM",) else item for item in found.verdicts
    )
    changed = replace(
        found, snapshot=replace(found.snapshot, readings=readings), verdicts=verdicts, episodes=()
    )
    kpi = snapshot_body(BY_NAME["firing"].spec, changed)["kpis"][3]
    states = {str(r["dims"]): r["state"] for r in kpi["readings"] if r["window"] == "today"}

    assert (states[str([*called])], states[str(["(other)"])]) == ("ok", "none")


def test_a_group_fires_alone_and_the_others_are_all_right() -> None:
    kpi = next(item for item in body("firing")["kpis"] if item["group_by"])
    today = [item for item in kpi["readings"] if item["window"] == "today"]

    assert [item["state"] for item in today] == ["ok", "warn", "ok", "ok", "ok", "none"]
    assert today[-1]["dims"] == ["(other)"]


def test_an_estimate_is_said_to_be_one_and_what_is_made_of_exact_numbers_is_exact() -> None:
    exact = {kpi["metric"]: (kpi["exact"], kpi["relative_error"]) for kpi in body("live")["kpis"]}

    assert exact["unique_users"] == (False, "0.0081")
    assert exact["avg_order_value"] == (True, None)


def test_a_comparison_that_has_nothing_to_compare_with_has_nulls() -> None:
    assert reading("odd", "avg_order_value", "today")["compare"] == {
        "offset": "7 days",
        "value": None,
        "delta_pct": None,
    }
    assert reading("live", "total_revenue", "lifetime")["compare"] is None


@pytest.mark.parametrize("scene", sorted(BY_NAME))
def test_a_body_is_json_without_floats(scene: str) -> None:
    text = encoded(body(scene)).decode()

    assert "NaN" not in text
    assert "E+" not in text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        (Decimal(-1), "-1"),
        (-1, "-1"),
        (None, ""),
    ],
)
def test_a_text_of_the_data_is_no_formula_and_a_number_stays_one(value: object, shown: str) -> None:
    assert cell(value) == shown


def test_csv_quotes_what_it_must() -> None:
    assert csv_text(("a", "b"), [('say "x"', "1,2")]) == 'a,b\r\n"say ""x""","1,2"\r\n'


def test_a_snapshot_as_csv_has_a_line_a_reading() -> None:
    lines = snapshot_csv(body("odd")).splitlines()

    readings = sum(len(kpi["readings"]) for kpi in body("odd")["kpis"])
    assert len(lines) == readings + 1
    assert any(line.startswith("total_revenue,lifetime,,-98765432109876543210.") for line in lines)
