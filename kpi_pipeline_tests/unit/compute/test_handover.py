"""Who is told meanwhile, while a channel is down."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kpi_pipeline.compute.handover import PATIENCE, meanwhile
from kpi_pipeline.model.notice import Level, NoticeKind
from kpi_pipeline.model.outbox import Handover, OutboxState, Queued
from kpi_pipeline_tests.unit.compute.test_course import (
    ESCALATE,
    FIRE,
    NOTICE,
    PENDING,
    QUEUED,
    REMIND,
    RESOLVE,
    SENT,
    sibling,
)

DOWN = replace(QUEUED, attempts=8, waited=PATIENCE)


def others(_: Queued, level: Level) -> tuple[str, ...]:
    return ("email", "pagerduty", "log") if level is Level.CRITICAL else ("email", "log")


@pytest.mark.parametrize(
    ("kind", "waited", "attempts", "expected"),
    [
        pytest.param(FIRE, PATIENCE, 8, True, id="a begin"),
        pytest.param(ESCALATE, PATIENCE, 8, True, id="an escalation"),
        pytest.param(REMIND, PATIENCE, 8, False, id="a reminder"),
        pytest.param(RESOLVE, PATIENCE, 8, False, id="an end of what nobody else was told of"),
        pytest.param(FIRE, PATIENCE - timedelta(seconds=1), 8, False, id="not yet"),
        pytest.param(FIRE, PATIENCE, 1, False, id="the first failure"),
    ],
)
def test_what_somebody_must_know_is_told_elsewhere_after_an_hour(
    kind: NoticeKind, waited: timedelta, attempts: int, *, expected: bool
) -> None:
    failed = replace(QUEUED, notice=replace(NOTICE, kind=kind), waited=waited, attempts=attempts)

    assert bool(meanwhile(failed, others)) is expected


def test_an_escalation_that_waits_behind_goes_with_it_to_the_channels_of_its_level() -> None:
    worse = replace(sibling(9, ESCALATE, PENDING), level=Level.CRITICAL)
    warned = replace(DOWN, notice=replace(NOTICE, level=Level.WARN))
    behind = (worse, sibling(10, REMIND, PENDING), sibling(1, FIRE, SENT))

    assert meanwhile(replace(warned, siblings=behind), others) == (
        Handover(id=5, channels=("email", "log")),
        Handover(id=9, channels=("email", "pagerduty", "log")),
    )


@pytest.mark.parametrize("stand_ins", [(), ("email", "log")])
def test_what_is_over_is_told_to_nobody_new_and_its_end_to_all_who_know(
    stand_ins: tuple[str, ...],
) -> None:
    over = replace(DOWN, siblings=(sibling(9, RESOLVE, PENDING),), stand_ins=stand_ins)

    assert meanwhile(over, others) == tuple(Handover(id=9, channels=(name,)) for name in stand_ins)


def test_an_end_that_was_sent_before_is_nothing_that_waits() -> None:
    states = {OutboxState.SENT, OutboxState.DEAD, OutboxState.SUPERSEDED}
    ended = [replace(DOWN, siblings=(sibling(9, RESOLVE, state),)) for state in states]

    assert all(meanwhile(item, others)[0].id == 5 for item in ended)


def test_what_waits_behind_is_told_too_when_it_is_old_enough_and_its_end_at_any_age() -> None:
    old = replace(DOWN, id=6, attempts=0)
    young = replace(old, id=7, waited=PATIENCE - timedelta(seconds=1))
    over = replace(young, id=8, siblings=(sibling(9, RESOLVE, PENDING),), stand_ins=("log",))
    failed = replace(DOWN, behind=(old, young, over))

    assert [item.id for item in meanwhile(failed, others)] == [5, 6, 9]
    assert [item.id for item in meanwhile(replace(failed, attempts=1), others)] == [9]
