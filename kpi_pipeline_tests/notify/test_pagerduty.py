"""PagerDuty: one incident an episode, whatever is sent twice."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from kpi_pipeline.model.errors import DeliveryError
from kpi_pipeline.model.notice import Level, Notice, NoticeKind
from kpi_pipeline.notify.pagerduty import PagerDuty, dedup_key
from kpi_pipeline_tests.notify.http_peer import Fault
from kpi_pipeline_tests.notify.pagerduty_peer import KEY, PagerDutyPeer


@pytest.fixture
def peer() -> Iterator[PagerDutyPeer]:
    with PagerDutyPeer() as running:
        yield running


@pytest.fixture
def pagerduty(peer: PagerDutyPeer) -> PagerDuty:
    return PagerDuty(KEY, address=peer.url, timeout=1)


def _failure(pagerduty: PagerDuty, notice: Notice) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        pagerduty.deliver(notice)
    return caught.value


def test_an_episode_is_one_incident_from_its_first_word_to_its_last(
    pagerduty: PagerDuty, notice: Notice, peer: PagerDutyPeer
) -> None:
    for kind in (NoticeKind.FIRE, NoticeKind.ESCALATE, NoticeKind.REMIND, NoticeKind.RESOLVE):
        root = pagerduty.deliver(replace(notice, kind=kind, level=Level.CRITICAL))
    (incident,) = peer.incidents

    assert root == incident.dedup_key == notice.episode_key
    assert incident.resolved
    assert [e["event_action"] for e in incident.events] == ["trigger"] * 3 + ["resolve"]


def test_an_escalation_raises_the_severity(
    pagerduty: PagerDuty, notice: Notice, peer: PagerDutyPeer
) -> None:
    pagerduty.deliver(replace(notice, level=Level.WARN))
    assert peer.incidents[0].severity == "warning"

    pagerduty.deliver(replace(notice, kind=NoticeKind.ESCALATE))

    assert [incident.severity for incident in peer.incidents] == ["critical"]


def test_an_attempt_that_was_cut_off_is_sent_again_and_opens_no_second_incident(
    pagerduty: PagerDuty, notice: Notice, peer: PagerDutyPeer
) -> None:
    peer.fail(Fault(reset="after"))
    _failure(pagerduty, notice)

    assert pagerduty.find(notice) is None
    pagerduty.deliver(notice)
    assert len(peer.incidents) == 1


def test_the_next_episode_is_another_incident(
    pagerduty: PagerDuty, notice: Notice, peer: PagerDutyPeer
) -> None:
    pagerduty.deliver(notice)
    pagerduty.deliver(replace(notice, kind=NoticeKind.RESOLVE))
    pagerduty.deliver(replace(notice, episode_key="avg_order_value_low/EU/4"))

    assert [incident.resolved for incident in peer.incidents] == [True, False]


def test_an_acknowledgement_is_the_incidents_and_opens_none(
    pagerduty: PagerDuty, notice: Notice, peer: PagerDutyPeer
) -> None:
    taken = replace(notice, kind=NoticeKind.ACKNOWLEDGE)
    pagerduty.deliver(taken)
    assert peer.incidents == []

    pagerduty.deliver(notice)
    assert not peer.incidents[0].acknowledged
    pagerduty.deliver(taken)

    (incident,) = peer.incidents
    assert (incident.acknowledged, incident.resolved) == (True, False)


def test_an_episode_that_is_told_late_wakes_nobody(
    pagerduty: PagerDuty, notice: Notice, peer: PagerDutyPeer
) -> None:
    pagerduty.deliver(replace(notice, kind=NoticeKind.RESOLVE, late=True))

    assert len(peer.requests) == 1
    assert peer.incidents == []


def test_the_event_says_what_a_responder_needs(
    pagerduty: PagerDuty, notice: Notice, peer: PagerDutyPeer
) -> None:
    links = (("Runbook", "https://wiki.example/aov"), ("Odd", "javascript:alert(1)"))
    pagerduty.deliver(replace(notice, links=links, trend="▁▂▃", owner="payments"))
    (event,) = peer.incidents[0].events

    assert event["payload"]["summary"] == notice.text
    assert event["payload"]["source"] == "sales"
    assert event["payload"]["component"] == "avg_order_value_low"
    assert event["payload"]["custom_details"] == {
        **dict(notice.facts),
        "Trend": "▁▂▃",
        "Owner": "payments",
    }
    assert event["links"] == [{"href": "https://wiki.example/aov", "text": "Runbook"}]


@pytest.mark.parametrize("length", [255, 256, 5000])
def test_a_dedup_key_keeps_within_the_limit_and_apart_from_others(length: int) -> None:
    one, other = dedup_key("x" * length + "1"), dedup_key("x" * length + "2")

    assert len(one) <= 255
    assert one != other
    assert one == dedup_key("x" * length + "1")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"text": "&" * 5000}, id="a long text"),
        pytest.param({"text": "", "headline": ""}, id="no text"),
        pytest.param({"facts": (("😀" * 900, "€" * 9000),) * 300}, id="facts beyond 512 KB"),
        pytest.param({"links": (("x", "https://" + "y" * 9000),) * 300}, id="links beyond 512 KB"),
        pytest.param({"episode_key": "é" * 5000}, id="a long key"),
        pytest.param({"trend": "█" * 600_000}, id="a trend beyond 512 KB"),
    ],
)
def test_no_absurd_notice_breaks_the_limits(
    pagerduty: PagerDuty, notice: Notice, peer: PagerDutyPeer, changes: dict[str, Any]
) -> None:
    pagerduty.deliver(replace(notice, **changes))

    assert len(peer.incidents) == 1


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        (Fault(status=429, retry_after="7"), 7.0),
        (Fault(status=403), None),
        (Fault(status=500), None),
        (Fault(status=503), None),
        (Fault(status=200, body="<html>log in</html>"), None),
        (Fault(status=302, location="https://login.example"), None),
        (Fault(reset="before"), None),
        (Fault(hang=True), None),
    ],
)
def test_what_may_pass_is_tried_again(
    pagerduty: PagerDuty, notice: Notice, peer: PagerDutyPeer, fault: Fault, wait: float | None
) -> None:
    peer.fail(fault)
    failure = _failure(pagerduty, notice)

    assert not failure.permanent
    assert failure.retry_after == wait
    assert "tried again" in str(failure)


def test_a_wrong_routing_key_is_final_and_says_what_to_do(
    notice: Notice, peer: PagerDutyPeer
) -> None:
    failure = _failure(PagerDuty("f" * 32, address=peer.url), notice)

    assert failure.permanent
    assert "Check the routing key" in str(failure)


@pytest.mark.parametrize("end", ["", "/", "/v2/enqueue"])
def test_an_address_may_be_written_with_or_without_its_path(
    notice: Notice, peer: PagerDutyPeer, end: str
) -> None:
    PagerDuty(KEY, address=peer.url + end).deliver(notice)

    assert len(peer.incidents) == 1
