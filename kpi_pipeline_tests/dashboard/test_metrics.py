"""`/metrics` tells what a board shows: nothing twice, and nothing old as if it were new."""

import subprocess
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from prometheus_client import REGISTRY
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as openmetrics_families,
)
from prometheus_client.parser import text_string_to_metric_families

from kpi_pipeline.dashboard.metrics import exposition, metrics_registry
from kpi_pipeline.dashboard.metrics_families import FAMILIES
from kpi_pipeline.dashboard.metrics_groups import MOST_GROUPS, group_label
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.episode import Evidence, Phase
from kpi_pipeline.model.live import Live
from kpi_pipeline.model.notice import Level
from kpi_pipeline_tests.dashboard.needed import need
from kpi_pipeline_tests.dashboard.still_life import (
    AVERAGE,
    EPISODE,
    LIVE,
    NOW,
    VERDICT,
    showing,
)
from kpi_pipeline_tests.unit.builders import AS_OF

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
ODD = 'a "quoted"\\ \n, value'
Told = dict[tuple[str, tuple[str, ...]], float]


def told(live: Live | None, pipeline: str = "shop") -> Told:
    """Every sample, by its name and the values of its labels after the pipeline's."""
    text, _ = exposition(metrics_registry(lambda: {pipeline: live}), None)
    found: Told = {}
    for family in text_string_to_metric_families(text.decode()):
        for sample in family.samples:
            labels = dict(sample.labels)
            assert labels.pop("pipeline") == pipeline
            key = (sample.name, tuple(labels[name] for name in FAMILIES[sample.name].labels))
            assert key not in found
            found[key] = sample.value
    return found


def test_a_pipeline_tells_its_numbers_clocks_proof_and_alerts() -> None:
    reading = ("average", "today", "USD", "")

    expected = {
        ("kpi_up", ()): 1,
        ("kpi_value", reading): 35.25,
        ("kpi_baseline", reading): 30,
        ("kpi_rows", reading): 100,
        ("kpi_alert_state", ("low", "", "none")): 0,
        ("kpi_alert_muted", ("low",)): 1,
        ("kpi_snapshot_info", ("exact", "3f2a9c0d11aa22bb")): 1,
        ("kpi_revision", ()): 1,
        ("kpi_as_of_timestamp_seconds", ()): AS_OF.timestamp(),
        ("kpi_computed_timestamp_seconds", ()): AS_OF.timestamp(),
        ("kpi_watermark_timestamp_seconds", ()): AS_OF.timestamp(),
        ("kpi_checked_timestamp_seconds", ()): NOW.timestamp() - 12,
        ("kpi_failing_seconds", ()): 0,
        ("kpi_backlog_buckets", ()): 0,
        ("kpi_future_rows", ()): 0,
        ("kpi_proof_timestamp_seconds", ()): AS_OF.timestamp() - 120,
        ("kpi_proof_drifted_values", ()): 3,
    }
    assert expected == told(LIVE)


def test_without_the_state_database_nothing_but_that_is_told() -> None:
    assert told(None) == {("kpi_up", ()): 0}


def test_one_pipeline_whose_state_is_away_takes_nothing_from_another() -> None:
    text, _ = exposition(metrics_registry(lambda: {"away": None, "shop": LIVE}), None)

    assert b'kpi_up{pipeline="away"} 0.0' in text
    assert b'kpi_value{group="",metric="average",pipeline="shop"' in text


@pytest.mark.parametrize(
    ("change", "absent"),
    [
        ({"value": None}, {"kpi_value"}),
        ({"baseline": None}, {"kpi_baseline"}),
        ({"building": True}, {"kpi_value", "kpi_baseline", "kpi_rows"}),
        ({"value": Decimal("1e400")}, {"kpi_value"}),
        ({"value": Decimal("NaN")}, {"kpi_value"}),
    ],
)
def test_what_is_not_known_is_absent(change: dict[str, object], absent: set[str]) -> None:
    names = {name for name, _ in told(showing(replace(AVERAGE, **change)))}  # type: ignore[arg-type]

    assert {"kpi_value", "kpi_baseline", "kpi_rows"} - absent == names & {
        "kpi_value",
        "kpi_baseline",
        "kpi_rows",
    }


def test_before_the_first_fold_there_is_life_and_no_numbers() -> None:
    names = {name for name, _ in told(replace(LIVE, snapshot=None, audit=None))}

    assert names == {
        "kpi_up",
        "kpi_alert_state",
        "kpi_alert_muted",
        "kpi_checked_timestamp_seconds",
        "kpi_failing_seconds",
    }


def test_a_metric_that_is_being_filled_says_how_far_it_is() -> None:
    assert LIVE.snapshot is not None
    building = replace(LIVE, snapshot=replace(LIVE.snapshot, filled={"average": 42}))

    assert told(building)["kpi_building_ratio", ("average",)] == pytest.approx(0.42)


@pytest.mark.parametrize(
    ("phase", "level", "state"),
    [(Phase.PENDING, Level.WARN, 1), (Phase.FIRING, Level.CRITICAL, 2)],
)
def test_an_open_episode_says_where_it_stands(phase: Phase, level: Level, state: int) -> None:
    open_ = replace(LIVE, episodes=(replace(EPISODE, phase=phase, level=level),))
    alerts = {key: value for key, value in told(open_).items() if key[0] == "kpi_alert_state"}

    assert alerts == {("kpi_alert_state", ("low", "", level.value)): state}


def test_a_rule_that_has_nothing_to_judge_is_not_called_well() -> None:
    unknown = replace(LIVE, verdicts=(replace(VERDICT, evidence=Evidence.MISSING),))

    assert "kpi_alert_state" not in {name for name, _ in told(unknown)}


def test_ticks_that_fail_say_for_how_long() -> None:
    failing = replace(LIVE.life, failing=timedelta(minutes=6), why="no route")

    assert told(replace(LIVE, life=failing))["kpi_failing_seconds", ()] == 360


def test_of_many_groups_the_largest_are_told_in_every_window_and_the_others_counted() -> None:
    windows = ("today", "hour")
    found = told(
        showing(
            *(
                replace(AVERAGE, dims=(f"g{n}",), window=window, rows=n if window == "today" else 0)
                for n in range(MOST_GROUPS + 5)
                for window in windows
            )
        )
    )
    shown = {labels for name, labels in found if name == "kpi_value"}

    assert shown == {("average", w, "USD", f"g{n}") for n in range(5, 105) for w in windows}
    assert found["kpi_groups_left_out", ("average",)] == 5


def test_of_many_groups_of_a_rule_those_that_fire_are_told() -> None:
    verdicts = tuple(replace(VERDICT, dims=(f"g{n}",)) for n in range(MOST_GROUPS + 5))
    found = told(replace(LIVE, verdicts=verdicts, episodes=(replace(EPISODE, dims=("g104",)),)))
    states = {labels: value for (name, labels), value in found.items() if name == "kpi_alert_state"}

    assert len(states) == MOST_GROUPS
    assert states["low", "g104", "warn"] == 2
    assert found["kpi_alert_groups_left_out", ("low",)] == 5


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((None,), (r"\N",)),
        (("a,b",), ("a", "b")),
        (("a\\", "b"), ("a\\,b",)),
        (("a", None), ("a,", None)),
    ],
)
def test_two_groups_never_have_one_label(one: Dims, other: Dims) -> None:
    assert group_label(one) != group_label(other)


@pytest.mark.parametrize("accept", [None, OPENMETRICS])
def test_labels_hold_whatever_a_group_is_called(accept: str | None) -> None:
    live = showing(replace(AVERAGE, dims=(ODD,)), replace(AVERAGE, dims=(None,)))
    body, _ = exposition(metrics_registry(lambda: {"shop": live}), accept)
    parse = openmetrics_families if accept else text_string_to_metric_families
    (values,) = [f for f in parse(body.decode()) if f.name == "kpi_value"]

    assert {group_label((ODD,)), r"\N"} == {sample.labels["group"] for sample in values.samples}


def test_whoever_asks_for_openmetrics_gets_it() -> None:
    body, kind = exposition(metrics_registry(lambda: {"shop": LIVE}), OPENMETRICS)

    assert kind.startswith("application/openmetrics-text")
    assert body.endswith(b"# EOF\n")


def test_two_apps_of_one_process_share_nothing() -> None:
    registries = [metrics_registry(lambda: {"shop": LIVE}) for _ in range(2)]

    assert exposition(registries[0], None) == exposition(registries[1], None)
    assert not [family for family in REGISTRY.collect() if family.name.startswith("kpi_")]


def test_promtool_finds_nothing_to_say() -> None:
    promtool = need("promtool", "prometheus")
    assert LIVE.snapshot is not None
    crowd = tuple(replace(AVERAGE, dims=(f"g{n}",)) for n in range(MOST_GROUPS + 1))
    odd = replace(AVERAGE, metric="odd", dims=(ODD, None))
    verdicts = tuple(replace(VERDICT, dims=reading.dims) for reading in crowd)
    shown = replace(LIVE.snapshot, readings=(*crowd, odd), filled={"odd": 42})
    live = replace(LIVE, snapshot=shown, verdicts=verdicts)
    body, _ = exposition(metrics_registry(lambda: {"shop": live, "away": None}), None)
    said = subprocess.run(
        [promtool, "check", "metrics"], input=body, capture_output=True, timeout=30, check=False
    )

    assert all(f"# TYPE {name} gauge".encode() in body for name in FAMILIES)
    assert (said.returncode, said.stdout, said.stderr) == (0, b"", b"")
