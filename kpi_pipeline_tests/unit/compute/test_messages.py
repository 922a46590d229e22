from dataclasses import replace
from datetime import UTC, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from kpi_pipeline.compute.belated import belated
from kpi_pipeline.compute.messages import Telling, group_text, notice
from kpi_pipeline.compute.telling import Step, step
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.episode import Episode, Verdict
from kpi_pipeline.model.moment import MINUTE
from kpi_pipeline.model.notice import Level, Notice, NoticeKind
from kpi_pipeline.model.span import Span
from kpi_pipeline.model.threshold import Threshold
from kpi_pipeline.notify.words import state
from kpi_pipeline_tests.unit.builders import (
    AS_OF,
    CLEAR,
    CRITICAL,
    EPISODE,
    MISSING,
    RULE,
    WARN,
    reading,
    snapshot,
)

FIRED = step(RULE, EPISODE, WARN, AS_OF)
ESCALATED = step(RULE, FIRED.episode, CRITICAL, AS_OF + 3 * MINUTE)
RESOLVED = step(RULE, ESCALATED.episode, CLEAR, AS_OF + 125 * MINUTE)


def telling(rule: Threshold, before: Episode, then: Step, found: Verdict) -> Telling:
    return Telling(rule=rule, before=before, step=then, verdict=found, reading=reading("25"))


def test_a_fire_says_value_and_bound_first() -> None:
    message = notice(telling(RULE, EPISODE, FIRED, replace(WARN, reason="25 < 30")), snapshot())

    assert message == Notice(
        key="shop/low/1/fire/warn",
        episode_key="shop/low/1",
        pipeline="shop",
        rule="low",
        kind=NoticeKind.FIRE,
        level=Level.WARN,
        text="WARN average 25 < 30",
        headline="shop: low",
        facts=(
            ("Value", "25"),
            ("Bound", "30"),
            ("Window", "today"),
            ("Since", "2026-11-24 12:00 UTC"),
            ("Worst", "25"),
            ("Rows", "100"),
            ("Data through", "2026-11-24 12:00 UTC"),
            ("Guarantee", "exact"),
        ),
    )


def test_an_escalation_says_how_long_it_has_lasted() -> None:
    later = snapshot(as_of=AS_OF + 3 * MINUTE)

    message = notice(telling(RULE, FIRED.episode, ESCALATED, CRITICAL), later)

    assert (message.key, message.text) == (
        "shop/low/1/escalate/critical",
        "CRIT average as told for 3m",
    )


def test_a_resolve_tells_what_the_episode_had_reached() -> None:
    later = snapshot(as_of=AS_OF + 125 * MINUTE)

    message = notice(telling(RULE, ESCALATED.episode, RESOLVED, CLEAR), later)

    assert (message.key, message.level, message.text, dict(message.facts)["Worst"]) == (
        "shop/low/1/resolve/critical",
        Level.CRITICAL,
        "OK average as told after 2h 5m",
        "15",
    )


def test_all_messages_of_one_episode_share_its_key() -> None:
    now = snapshot()
    messages = [
        notice(telling(RULE, EPISODE, FIRED, WARN), now),
        notice(telling(RULE, FIRED.episode, ESCALATED, CRITICAL), now),
        notice(telling(RULE, ESCALATED.episode, RESOLVED, CLEAR), now),
    ]

    assert {message.episode_key for message in messages} == {"shop/low/1"}
    assert len({message.key for message in messages}) == 3


def test_a_group_is_named() -> None:
    found = replace(WARN, dims=("DELI", None))

    message = notice(telling(RULE, EPISODE, FIRED, found), snapshot())

    assert (message.text, message.headline) == (
        "WARN average as told (DELI, (null))",
        "shop: low (DELI, (null))",
    )


def test_what_is_not_known_is_left_out_of_the_facts() -> None:
    blank = replace(snapshot(), watermark=None)
    ended = replace(RESOLVED, transition=None)

    message = notice(telling(RULE, EPISODE, ended, MISSING), blank)

    assert (message.text, message.facts) == (
        "OK average as told",
        (
            ("Value", "-"),
            ("Bound", "30"),
            ("Window", "today"),
            ("Rows", "100"),
            ("Guarantee", "exact"),
        ),
    )


@pytest.mark.parametrize("length", [1, 120, 5000])
def test_a_message_keeps_within_the_limits_of_its_readers(length: int) -> None:
    found = replace(WARN, dims=("x" * length,), value=Decimal("1e999"))

    message = notice(telling(RULE, EPISODE, FIRED, found), snapshot())

    assert len(message.text) <= 140
    assert len(message.headline) <= 150
    assert len(message.facts) <= 10
    assert max(len(label) + len(text) for label, text in message.facts) < 2000


def test_a_cut_is_shown() -> None:
    message = notice(telling(RULE, EPISODE, FIRED, replace(WARN, dims=("x" * 200,))), snapshot())

    assert (len(message.text), message.text[-1], message.headline[-1]) == (140, "…", "…")


def test_a_step_with_nothing_to_tell_has_no_message() -> None:
    with pytest.raises(ValueError, match="the step of low has nothing to tell"):
        notice(telling(RULE, EPISODE, Step(EPISODE), CLEAR), snapshot())


@pytest.mark.parametrize(
    ("dims", "expected"),
    [
        pytest.param((), "", id="no groups"),
        pytest.param(("DELI",), "DELI", id="one"),
        pytest.param((None,), "(null)", id="a missing value"),
    ],
)
def test_a_group_is_its_values(dims: Dims, expected: str) -> None:
    assert group_text(dims) == expected


def test_a_reminder_is_said_once_each_and_says_which_it_is() -> None:
    rule = replace(RULE, repeat=timedelta(hours=1))
    first = step(rule, FIRED.episode, WARN, AS_OF + 60 * MINUTE)
    second = step(rule, first.episode, WARN, AS_OF + 120 * MINUTE)

    messages = [
        notice(
            replace(telling(rule, FIRED.episode, then, WARN), rule=rule),
            snapshot(as_of=AS_OF + hours * 60 * MINUTE),
        )
        for hours, then in ((1, first), (2, second))
    ]

    assert [(m.key, m.number, m.text) for m in messages] == [
        ("shop/low/1/remind/warn/1", 1, "WARN average as told for 1h"),
        ("shop/low/1/remind/warn/2", 2, "WARN average as told for 2h"),
    ]


def test_owner_runbook_and_links_are_in_the_message() -> None:
    rule = replace(RULE, owner="payments", runbook="https://wiki.example.com/low")
    run = ("Run", "https://dagster.example.com/runs/1")

    message = notice(telling(rule, EPISODE, FIRED, WARN), snapshot(), (run,))

    assert message.owner == "payments"
    assert message.links == (run, ("Runbook", "https://wiki.example.com/low"))
    assert ("Owner", "payments") in message.facts


def test_the_comparison_is_in_the_message() -> None:
    found = replace(telling(RULE, EPISODE, FIRED, WARN), offset=Span(days=7))
    compared = replace(found, reading=replace(reading("25"), baseline=Decimal(50)))

    facts = [dict(notice(item, snapshot()).facts) for item in (found, compared)]

    assert [item.get("7 days before") for item in facts] == [None, "50 (-50.0 %)"]


def test_a_message_has_ten_facts_at_most_whatever_it_says() -> None:
    rule = replace(RULE, owner="o" * 500, runbook="https://wiki.example.com")
    full = replace(
        telling(rule, EPISODE, FIRED, WARN),
        offset=Span(days=7),
        reading=replace(reading("25"), baseline=Decimal(50)),
    )

    facts = notice(full, snapshot()).facts

    assert len(facts) == 10
    assert max(len(text) for _, text in facts) <= 150


def test_an_edited_rule_ends_its_episode_without_calling_it_resolved() -> None:
    edited = replace(RULE, warn_below=Decimal(20))
    firing = replace(FIRED.episode, definition=RULE.definition)
    ended = step(edited, firing, WARN, AS_OF + MINUTE)

    message = notice(telling(edited, firing, ended, WARN), snapshot())

    assert message.withdrawn
    assert (message.kind, message.text) == (
        NoticeKind.RESOLVE,
        "ENDED low: the rule was edited; the value is judged anew",
    )
    assert state(message) == "⚪ ENDED"

    late = belated(message, AS_OF, AS_OF + MINUTE, UTC)

    assert state(late) == "⚪ ENDED, TOLD LATE"
    assert dict(late.facts)["Ended"] == "low: the rule was edited; the value is judged anew"


def test_units_and_zones_are_told() -> None:
    rule = replace(RULE, unit="USD")
    said = replace(telling(rule, EPISODE, FIRED, WARN), zone=ZoneInfo("America/New_York"))

    facts = dict(notice(said, snapshot()).facts)

    assert (facts["Value"], facts["Bound"]) == ("25.00 USD", "30.00 USD")
    assert facts["Since"] == "2026-11-24 07:00 EST"
