"""What becomes of a message, by the others of its episode."""

from dataclasses import replace
from datetime import UTC, timedelta
from decimal import Decimal

import pytest

from kpi_pipeline.compute.course import course, handed_over
from kpi_pipeline.model.notice import Level, Notice, NoticeKind
from kpi_pipeline.model.outbox import OutboxState, Queued, Sibling
from kpi_pipeline_tests.unit.builders import AS_OF

FIRE, ESCALATE = NoticeKind.FIRE, NoticeKind.ESCALATE
REMIND, RESOLVE = NoticeKind.REMIND, NoticeKind.RESOLVE
ACK = NoticeKind.ACKNOWLEDGE
PENDING, SENDING, SENT = OutboxState.PENDING, OutboxState.SENDING, OutboxState.SENT
DEAD, SUPERSEDED = OutboxState.DEAD, OutboxState.SUPERSEDED
NOTICE = Notice(
    key="shop/low/EU/1/fire/warn",
    episode_key="shop/low/EU/1",
    pipeline="shop",
    rule="low",
    kind=FIRE,
    level=Level.CRITICAL,
    text="CRIT average 12 < 20",
    headline="shop: low (EU)",
    facts=(("Value", "25"), ("Worst", str(Decimal(12)))),
)
QUEUED = Queued(
    id=5,
    channel="slack",
    notice=NOTICE,
    attempts=1,
    ambiguous=False,
    at=AS_OF + timedelta(minutes=29),
)


def sibling(id_: int, kind: NoticeKind, state: OutboxState) -> Sibling:
    return Sibling(id=id_, kind=kind, state=state, at=AS_OF + timedelta(minutes=id_))


@pytest.mark.parametrize(
    ("kind", "siblings", "expected"),
    [
        pytest.param(FIRE, (), SENT, id="a message alone"),
        pytest.param(FIRE, ((9, ESCALATE, PENDING),), SENT, id="before something worse"),
        pytest.param(FIRE, ((9, RESOLVE, PENDING),), SUPERSEDED, id="before the end"),
        pytest.param(FIRE, ((9, RESOLVE, DEAD),), SENT, id="the end was given up"),
        pytest.param(FIRE, ((9, RESOLVE, SENT),), SUPERSEDED, id="again after the end"),
        pytest.param(FIRE, ((9, ESCALATE, SENT),), SUPERSEDED, id="again after something worse"),
        pytest.param(ESCALATE, ((9, REMIND, SENT),), SUPERSEDED, id="again after a reminder"),
        pytest.param(RESOLVE, ((1, FIRE, SENT), (9, REMIND, DEAD)), SENT, id="an end again"),
        pytest.param(ESCALATE, ((1, FIRE, SENT), (9, RESOLVE, SENDING)), SUPERSEDED, id="worse"),
        pytest.param(REMIND, ((1, FIRE, SENT), (9, REMIND, PENDING)), SUPERSEDED, id="reminders"),
        pytest.param(REMIND, ((1, FIRE, SENT), (2, REMIND, SENT)), SENT, id="a later reminder"),
        pytest.param(FIRE, ((9, REMIND, PENDING),), SENT, id="a beginning before a reminder"),
        pytest.param(ACK, ((1, FIRE, SENT),), SENT, id="taken over"),
        pytest.param(ACK, ((1, FIRE, DEAD),), SUPERSEDED, id="taken over, told elsewhere"),
        pytest.param(ACK, ((1, FIRE, SENT), (9, RESOLVE, PENDING)), SUPERSEDED, id="taken, ended"),
        pytest.param(ACK, ((1, FIRE, SENT), (9, RESOLVE, SENT)), SUPERSEDED, id="ended long ago"),
        pytest.param(FIRE, ((9, ACK, PENDING),), SENT, id="taken over before it was told"),
        pytest.param(
            RESOLVE, ((1, FIRE, SENT), (2, ACK, DEAD)), SENT, id="the end of what is taken"
        ),
        pytest.param(RESOLVE, (), SENT, id="an end whose beginning is not known"),
        pytest.param(RESOLVE, ((1, FIRE, SENT),), SENT, id="an end"),
        pytest.param(RESOLVE, ((1, FIRE, DEAD),), DEAD, id="an end after a refusal"),
        pytest.param(RESOLVE, ((1, FIRE, DEAD), (2, ESCALATE, SENT)), SENT, id="a late success"),
        pytest.param(RESOLVE, ((1, FIRE, DEAD), (2, REMIND, SUPERSEDED)), DEAD, id="nothing sent"),
    ],
)
def test_a_message_is_sent_unless_others_say_more(
    kind: NoticeKind,
    siblings: tuple[tuple[int, NoticeKind, OutboxState], ...],
    expected: OutboxState,
) -> None:
    own = replace(QUEUED.notice, kind=kind)
    found = course(replace(QUEUED, notice=own, siblings=tuple(sibling(*s) for s in siblings)), UTC)

    assert found.state is expected
    assert found.notice == own
    assert bool(found.why) == (expected is not SENT)


def test_an_end_before_which_nothing_was_sent_tells_the_whole_episode() -> None:
    own = replace(NOTICE, kind=RESOLVE)
    found = course(
        replace(QUEUED, notice=own, siblings=(sibling(1, FIRE, SUPERSEDED),)), UTC
    ).notice

    assert found.late
    said = "LATE CRIT low (EU) fired 2026-11-24 12:01 to 12:29 UTC (28m), at worst 12"
    assert found.text == said
    assert dict(found.facts)["Fired"] == "2026-11-24 12:01 to 12:29 UTC (28m)"
    assert (found.key, found.kind, found.headline) == (own.key, RESOLVE, own.headline)


def test_a_late_notice_of_days_and_of_a_long_group_stays_within_its_limits() -> None:
    facts = tuple((f"Fact {number}", "x") for number in range(10))
    own = replace(NOTICE, kind=RESOLVE, headline=f"shop: low ({'E' * 140})", facts=facts)
    late = replace(
        QUEUED,
        notice=own,
        at=AS_OF + timedelta(days=3),
        siblings=(sibling(1, FIRE, SUPERSEDED),),
    )
    found = course(late, UTC).notice

    assert "2026-11-24 12:01 to 2026-11-27 12:00 UTC (2d 23h)" in found.text
    assert len(found.text) <= 140
    assert len(found.facts) == 10


def test_a_notice_that_was_refused_says_so_first() -> None:
    found = handed_over(replace(NOTICE, facts=(("Value", "25"),) * 10), "slack: is_archived")

    assert found.facts[0] == ("Refused by", "slack: is_archived")
    assert len(found.facts) == 10
