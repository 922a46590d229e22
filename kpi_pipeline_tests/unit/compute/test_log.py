from dataclasses import replace
from datetime import timedelta

from kpi_pipeline.compute.log import groups_named, log_table, silenced, standing
from kpi_pipeline.compute.telling import step
from kpi_pipeline.compute.told import Told
from kpi_pipeline.model.episode import Mute, Phase
from kpi_pipeline.model.notice import Level
from kpi_pipeline_tests.unit.builders import AS_OF, CLEAR, CRITICAL, EPISODE, RULE, WARN, sales

ZONE = sales().timezone
FIRED = step(RULE, EPISODE, WARN, AS_OF)
ROSE = step(RULE, FIRED.episode, CRITICAL, AS_OF + timedelta(minutes=2), "muted")
ENDED = step(RULE, ROSE.episode, CLEAR, AS_OF + timedelta(minutes=9))


def test_each_change_says_when_what_why_and_why_nobody_was_told() -> None:
    found = [item.transition for item in (FIRED, ROSE, ENDED) if item.transition]

    table = log_table(found, ZONE, {"low": "USD"}, left_out=4)

    assert table.rows == (
        ("low", ("2026-11-24 07:00", "1", "ok -> firing warn", "25.00", "as told", "")),
        (
            "low",
            (
                "2026-11-24 07:02",
                "1",
                "firing critical",
                "15.00",
                "as told, rose to critical",
                "muted",
            ),
        ),
        ("low", ("2026-11-24 07:09", "1", "firing -> ok", "40.00", "as told", "")),
    )
    assert (len(table.windows), table.left_out) == (6, 4)


def test_where_an_alert_stands_is_a_sentence() -> None:
    taken = replace(FIRED.episode, dims=("DELI",), acknowledged=AS_OF)
    pending = replace(EPISODE, phase=Phase.PENDING, level=Level.WARN, since=None)

    assert standing(taken, ZONE, Told(["slack"], [], [])) == (
        "low: DELI is firing (warn) since 2026-11-24 07:00, told slack, "
        "acknowledged 2026-11-24 07:00"
    )
    assert standing(FIRED.episode, ZONE, Told([], ["email", "log"], ["slack"])) == (
        "low is firing (warn) since 2026-11-24 07:00, a message to email, log waits, "
        "slack not reached"
    )
    assert standing(pending, ZONE, Told([], [], [])) == "low is pending"


def test_a_mute_is_a_sentence() -> None:
    assert silenced(Mute(rule="low", until=AS_OF), ZONE) == "low is muted until 2026-11-24 07:00"
    assert silenced(Mute(rule="low", until=AS_OF, by="kim", why="deploy"), ZONE).endswith(
        "07:00 (kim, deploy)"
    )


def test_a_group_is_named_by_its_values() -> None:
    groups = [replace(EPISODE, dims=dims) for dims in (("DELI", None), ("FISH", "a"))]

    assert groups_named("DELI, (null)", groups) == [("DELI", None)]
