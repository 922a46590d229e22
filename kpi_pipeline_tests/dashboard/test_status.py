"""One word of how a pipeline does, decided from what is known of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kpi_pipeline.dashboard.shapes import Status
from kpi_pipeline.dashboard.status import Sight, decide, status_body
from kpi_pipeline.model.live import Live
from kpi_pipeline_tests.dashboard.gallery_live import episodes_of, live_of
from kpi_pipeline_tests.dashboard.scenes import SCENES, Scene

NOW = datetime(2026, 11, 26, 16, 32, 15, tzinfo=UTC)
BY_NAME = {scene.spec.name: scene for scene in SCENES}
LIVE = BY_NAME["live"]
SPEC = LIVE.spec
MINUTE = timedelta(minutes=1)


def shown(scene: Scene = LIVE) -> Live:
    return live_of(scene, NOW, 4711, episodes_of(scene, NOW), ())


def dated(live: Live, age: timedelta) -> Live:
    """With a newest row so old at the look."""
    assert live.snapshot is not None
    return replace(live, snapshot=replace(live.snapshot, watermark=live.snapshot.as_of - age))


def refilled(minutes: int) -> Live:
    """So many of the 8,400 minutes that wait are for a changed metric alone."""
    live = shown(BY_NAME["late_backlog"])
    assert live.snapshot is not None
    return replace(live, snapshot=replace(live.snapshot, refill_minutes=minutes))


def alive(live: Live, **ages: Any) -> Live:  # noqa: ANN401 - fields of Life
    return replace(live, life=replace(live.life, **ages, why="the source is away"))


@pytest.mark.parametrize(
    ("sight", "status", "reason"),
    [
        (Sight(shown()), "live", "newest row 7s old"),
        (Sight(None), "unreachable", "nothing was read yet"),
        (Sight(shown(), "connection refused"), "unreachable", "connection refused"),
        (Sight(shown(BY_NAME["empty"])), "empty", "nothing was folded yet"),
        (Sight(replace(shown(), snapshot=None)), "empty", "nothing was folded yet"),
        (
            Sight(alive(replace(shown(), snapshot=None), failing=MINUTE)),
            "empty",
            "nothing was folded yet; the source is away",
        ),
        (Sight(shown(), None, 5 * MINUTE), "stalled", "no good look for 5m 3s"),
        (Sight(alive(shown(), published=None, looked=None)), "stalled", "no look ever went well"),
        (
            Sight(alive(shown(), failing=MINUTE), None, MINUTE),
            "stalled",
            "failing for 2m: the source is away",
        ),
        (
            Sight(shown(BY_NAME["building"])),
            "building",
            "history is being filled: unique_users 7 %, ",
        ),
        (
            Sight(shown(BY_NAME["filling"])),
            "live",
            "newest row 7s old; history of unique_users 7 % is being filled",
        ),
        (
            Sight(dated(shown(BY_NAME["filling"]), 16 * MINUTE)),
            "late",
            "newest row 16m 3s old, more than 15m; history of unique_users 7 % is being filled",
        ),
        (Sight(dated(shown(), 14 * MINUTE)), "quiet", "newest row 14m 3s old"),
        (Sight(dated(shown(), 14 * MINUTE), None, MINUTE), "late", "newest row 15m 3s old, more"),
        (Sight(dated(shown(), 16 * MINUTE)), "late", "newest row 16m 3s old, more than 15m"),
        (Sight(shown(BY_NAME["late_backlog"])), "late", "8,400 minute buckets wait to be folded"),
        (Sight(dated(shown(), 9 * MINUTE)), "live", "newest row 9m 3s old"),
        (Sight(refilled(8400)), "live", "newest row 7s old"),
        (Sight(refilled(8000)), "late", "400 minute buckets wait to be folded"),
        (Sight(shown(), warning="the last save"), "live", "newest row 7s old; the last save"),
    ],
)
def test_the_first_that_is_true_is_said_with_its_reason(
    sight: Sight, status: Status, reason: str
) -> None:
    found = decide(SPEC, sight)

    assert found[0] == status
    assert found[1].startswith(reason)


def test_a_quiet_shop_that_is_looked_at_is_not_stalled() -> None:
    quiet = alive(dated(shown(), 12 * MINUTE), published=60 * MINUTE, looked=MINUTE)

    assert decide(SPEC, Sight(quiet))[0] == "quiet"


def test_an_hourly_look_does_not_hide_that_rows_have_stopped() -> None:
    spec = replace(SPEC, every=timedelta(hours=1))

    found = [decide(spec, Sight(shown(), None, n * MINUTE)) for n in (10, 20)]
    assert found == [
        ("live", "newest row 10m 7s old"),
        ("late", "newest row 20m 7s old, more than 15m"),
    ]


def test_the_clock_goes_on_between_two_readings() -> None:
    body = status_body(SPEC, Sight(shown(), None, timedelta(seconds=12)))

    assert (body["now"], body["checked_at"]) == ("2026-11-26T16:32:27Z", "2026-11-26T16:32:12Z")


def test_a_pipeline_that_was_never_read_has_a_status_too() -> None:
    body = status_body(SPEC, Sight(None, "connection refused"))

    assert (body["status"], body["now"], body["id"]) == ("unreachable", None, None)


@pytest.mark.parametrize(
    ("scene", "state", "difference"),
    [("live", "verified", "0"), ("drift", "drift", "-12.50"), ("unverified", "none", None)],
)
def test_the_proof_says_what_the_newest_audit_found(
    scene: str, state: str, difference: str | None
) -> None:
    found = status_body(SPEC, Sight(shown(BY_NAME[scene])))["proof"]

    assert (found["state"], found["difference"]) == (state, difference)


def test_open_episodes_are_counted_by_level() -> None:
    body = status_body(SPEC, Sight(shown(BY_NAME["firing"])))

    assert body["open"] == {"warn": 1, "critical": 1, "pending": 1}
