"""What a rule may say beside its bounds: change, hours, routes, owners, silence."""

from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal

import pytest

from kpi_pipeline.model.declaration.active import active_text
from kpi_pipeline.model.errors import SpecError
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.threshold import Active, Against, Threshold
from kpi_pipeline_tests.unit.builders import shop

BOUND = "warn_below: 30"
FRESH = "freshness: {warn_after: 10m}"
OWNERS = """owners:
    payments: {notify: [slack, 'email:pay@example.com']}
    nobody: {}"""


def saying(*words: str) -> str:
    return "\n      ".join((BOUND, *words))


def low(*words: str) -> Threshold:
    return shop(BOUND, saying(*words)).thresholds["low"]


def owned(line: str) -> PipelineSpec:
    return shop(f"{BOUND}\n      notify: [slack]\n  {FRESH}", f"{BOUND}\n      {line}\n  {OWNERS}")


def test_a_rule_may_say_all_of_it() -> None:
    rule = low(
        "change: percent",
        "keep_firing_for: 10m",
        "stale_for: 30m",
        "repeat: 4h",
        "active: {hours: '08:00-20:00', days: [mon-wed, sat]}",
        "inhibited_by: freshness",
        "owner: payments",
        "runbook: https://wiki.example.com/low",
    )

    assert rule == Threshold(
        name="low",
        metric="average",
        window="today",
        unit="%",
        warn_below=Decimal(30),
        against=Against.PERCENT,
        keep_firing=timedelta(minutes=10),
        stale_for=timedelta(minutes=30),
        repeat=timedelta(hours=4),
        active=Active(start=time(8), end=time(20), days=frozenset({0, 1, 2, 5})),
        inhibited_by=("freshness",),
        owner="payments",
        runbook="https://wiki.example.com/low",
        notify=("slack",),
    )


def test_outside_is_a_bound_on_each_side() -> None:
    rule = shop(BOUND, "outside: [30, '90.5']").thresholds["low"]

    assert (rule.warn_below, rule.warn_above) == (Decimal(30), Decimal("90.5"))


def test_a_difference_keeps_the_unit_of_its_metric() -> None:
    spec = shop("metric: average", "metric: revenue\n      change: difference")

    assert (spec.thresholds["low"].against, spec.thresholds["low"].unit) == (
        Against.DIFFERENCE,
        "USD",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{hours: 08:00-20:00}", Active(start=time(8), end=time(20))),
        ("{hours: '22:00-06:00'}", Active(start=time(22), end=time(6))),
        ("{hours: '08:00-24:00'}", Active(start=time(8), end=time())),
        ("{days: [fri-mon]}", Active(start=time(), end=time(), days=frozenset({4, 5, 6, 0}))),
        ("{days: sun}", Active(start=time(), end=time(), days=frozenset({6}))),
    ],
)
def test_active_hours_are_read_as_they_are_written(text: str, expected: Active) -> None:
    assert low(f"active: {text}").active == expected


@pytest.mark.parametrize(
    ("active", "expected"),
    [
        (Active(start=time(8), end=time()), "08:00-24:00"),
        (Active(start=time(), end=time(), days=frozenset({0, 2})), "mon, wed"),
        (Active(start=time(), end=time()), "always"),
    ],
)
def test_active_hours_are_told_as_they_are_declared(active: Active, expected: str) -> None:
    assert active_text(active) == expected


def test_channels_may_depend_on_the_level() -> None:
    by_level = "notify: {warn: slack, critical: [pagerduty:payments, slack]}"
    rule = shop("notify: [slack]", f"critical_below: 5\n      {by_level}")

    low = rule.thresholds["low"]
    assert (low.notify, low.notify_critical) == (("slack",), ("pagerduty:payments", "slack"))
    assert rule.channels == {"slack", "pagerduty:payments"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("notify: {critical: [pagerduty]}", "pagerduty would never be told: nothing here is crit"),
        ("notify: []\n      repeat: 4h", "reminds nobody; say whom with `notify`"),
    ],
)
def test_who_would_never_be_told_is_no_route(line: str, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        shop("notify: [slack]", line)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("owner: payments", ("slack", "email:pay@example.com"), id="its owner's"),
        pytest.param("owner: payments\n      notify: log", ("log",), id="its own first"),
        pytest.param("owner: payments\n      notify: []", (), id="nobody, if it says so"),
        pytest.param("owner: nobody", (), id="an owner without channels"),
    ],
)
def test_a_rule_without_channels_takes_those_of_its_owner(
    line: str, expected: tuple[str, ...]
) -> None:
    assert owned(line).thresholds["low"].notify == expected


def test_without_a_list_of_owners_any_name_will_do() -> None:
    assert low("owner: Jane of sales").owner == "Jane of sales"


def test_freshness_and_the_audit_have_routes_too() -> None:
    spec = shop(
        FRESH,
        """freshness:
    warn_after: 10m
    critical_after: 1h
    repeat: 2h
    owner: ops
    runbook: https://a.example
    notify: {critical: log}
  audit: {notify: slack, repeat: 1d, owner: ops}
  owners: {ops: {notify: log}}""",
    )

    fresh, plan = spec.freshness, spec.audit
    assert (fresh.repeat, fresh.owner, fresh.runbook) == (
        timedelta(hours=2),
        "ops",
        "https://a.example",
    )
    assert (fresh.notify, fresh.notify_critical) == ((), ("log",))
    assert (plan.notify, plan.repeat, plan.owner) == (("slack",), timedelta(days=1), "ops")
    assert spec.channels == {"slack", "log"}


@pytest.mark.parametrize(
    "word",
    [
        pytest.param("keep_firing_for: 5m", id="how long it stays"),
        pytest.param("stale_for: 5m", id="when nothing is too long"),
        pytest.param("change: percent", id="what it is held against"),
        pytest.param("active: {days: mon}", id="when it speaks"),
        pytest.param("inhibited_by: freshness", id="what silences it"),
    ],
)
def test_a_word_that_changes_the_meaning_makes_another_rule(word: str) -> None:
    assert low(word).definition != low().definition


@pytest.mark.parametrize("word", ["repeat: 4h", "owner: a", "runbook: https://a.example"])
def test_a_word_about_telling_leaves_the_rule_as_it_is(word: str) -> None:
    assert low(word).definition == low().definition


def test_the_order_of_days_makes_no_difference() -> None:
    rule = low("active: {days: [mon, sat, wed]}")
    again = replace(rule, active=Active(start=time(), end=time(), days=frozenset({5, 2, 0})))

    assert rule.definition == again.definition


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (BOUND, "outside: [90, 30]", ":22: thresholds.low.outside: the first must be less"),
        (BOUND, "outside: 30", ":22: thresholds.low.outside: must be two numbers, such as"),
        (BOUND, "outside: [1, 2, 3]", "must be two numbers, such as [30, 90], not [1, 2, 3]"),
        (BOUND, "outside: [a, 3]", "must be a number, not 'a'"),
        (BOUND, saying("outside: [1, 2]"), "cannot stand beside outside, which means warn_below"),
        (BOUND, "below: 1\n      outside: [1, 2]", "low.below: cannot stand beside outside"),
        (BOUND, saying("change: ratio"), ":23: thresholds.low.change: unknown change 'ratio'"),
        (
            "window: today\n      warn_below: 30",
            "window: hour\n      warn_below: 30\n      change: percent",
            "low.change: needs a window with `compare:`, which hour has not",
        ),
        (BOUND, saying("stale_for: 0m"), "low.stale_for: must be longer than nothing"),
        (BOUND, saying("repeat: 30s"), "low.repeat: must be a minute or longer"),
        (BOUND, saying("active: {}"), "low.active: needs hours, such as"),
        (BOUND, saying("active: {hours: 8-20}"), "hours: '8-20' is not from when to when"),
        (BOUND, saying("active: {hours: '08:00-08:00'}"), "is empty: it ends when it begins"),
        (BOUND, saying("active: {days: []}"), "active.days: names no day"),
        (BOUND, saying("active: {days: [thi]}"), "unknown day 'thi' (did you mean 'thu'?)"),
        (BOUND, saying("active: {hour: 1}"), "hour: unknown key (did you mean 'hours'?)"),
        (BOUND, saying("inhibited_by: low"), "low.inhibited_by: runs in a circle: low -> low"),
        (
            BOUND,
            saying("inhibited_by: freshnes"),
            ":23: thresholds.low.inhibited_by: unknown rule 'freshnes' (did you mean 'freshness'?)",
        ),
        (
            BOUND,
            saying("inhibited_by: source_drift"),
            ":23: thresholds.low.inhibited_by: there is no rule 'source_drift' unless `audit:` has",
        ),
        (
            BOUND,
            saying("inhibited_by: low.no_data"),
            ":23: thresholds.low.inhibited_by: unknown rule 'low.no_data' (known: freshness)",
        ),
        (FRESH, "freshness: {warn_after: 0m}", "freshness.warn_after: must be longer than nothing"),
        (BOUND, saying("runbook: wiki"), "low.runbook: is not an address; write it like"),
        (BOUND, saying("runbook: javascript:alert(1)"), "low.runbook: is not an address"),
        (BOUND, saying("runbook: 'http://[::1'"), "low.runbook: is not an address"),
        (BOUND, saying("runbook: https://a:b@c.example"), "holds a user or a password"),
        (BOUND, saying("runbook: 'https://a.example/ b'"), "low.runbook: is not an address"),
        ("[slack]", "{warm: slack}", "notify.warm: unknown key (did you mean 'warn'?)"),
        ("[slack]", "{warn: slak}", "notify.warn: unknown channel 'slak' (did you mean 'slack'?)"),
        ("[slack]", "['slack:#ops']", "write it like slack:C0123456789"),
        (FRESH, "owners: {A: {notify: log}}", ":24: owners.A: a name is lower case"),
        (FRESH, "owners: {a: {tell: log}}", "owners.a.tell: unknown key"),
        (FRESH, "owners: {a: {notify: lo}}", "owners.a.notify: unknown channel 'lo'"),
        (FRESH, "audit: {notify: lgo}", "audit.notify: unknown channel 'lgo'"),
        (
            f"{BOUND}\n      notify: [slack]\n  {FRESH}",
            f"{BOUND}\n      owner: payment\n  {OWNERS}",
            ":23: thresholds.low.owner: unknown owner 'payment' (did you mean 'payments'?)",
        ),
        ("    low:", "    source_drift:", "and none of `freshness`, `source_drift`"),
    ],
)
def test_words_that_contradict_are_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        shop(old, new)

    assert message in str(caught.value)


def test_a_circle_of_three_is_told() -> None:
    others = "\n".join(
        f"    {name}: {{metric: orders, window: hour, below: 1, inhibited_by: {by}}}"
        for name, by in (("b", "c"), ("c", "low"))
    )
    with pytest.raises(SpecError, match="runs in a circle: low -> b -> c -> low"):
        shop(
            f"{BOUND}\n      notify: [slack]\n",
            f"{BOUND}\n      inhibited_by: b\n{others}\n",
        )


def test_two_ways_to_the_same_rule_are_no_circle() -> None:
    others = "\n".join(
        f"    {name}: {{metric: orders, window: hour, below: 1, inhibited_by: [{by}]}}"
        for name, by in (("a", "c, freshness"), ("b", "c"), ("c", ""))
    )
    spec = shop(
        f"{BOUND}\n      notify: [slack]\n",
        f"{BOUND}\n      inhibited_by: [a, b]\n{others}\n",
    )

    assert spec.thresholds["low"].inhibited_by == ("a", "b")
