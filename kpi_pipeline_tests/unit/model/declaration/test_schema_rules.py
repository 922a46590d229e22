"""The schema and the parser say the same of what a rule may say beside its bounds."""

import pytest

from kpi_pipeline_tests.unit.builders import shop_text
from kpi_pipeline_tests.unit.model.declaration.test_schema import cases, judged, parsed

BOUND = "warn_below: 30"
LINE = f"{BOUND}\n      "
FRESH = "freshness: {warn_after: 10m}"
GOOD = (
    (BOUND, "outside: [30, '90.5']"),
    (BOUND, "outside: [30, 90]\n      critical_below: 10"),
    (BOUND, f"{LINE}change: percent"),
    (BOUND, f"{LINE}keep_firing_for: 5m\n      stale_for: 1h\n      repeat: 4h"),
    (BOUND, f"{LINE}active: {{hours: '08:00 - 24:00', days: [mon-fri, sun]}}"),
    (BOUND, f"{LINE}active: {{days: mon}}"),
    (BOUND, f"{LINE}inhibited_by: freshness"),
    (
        f"notify: [slack]\n  {FRESH}",
        "inhibited_by: [freshness, source_drift]\n  audit: {notify: log}",
    ),
    (BOUND, f"{LINE}owner: anybody\n      runbook: https://wiki.example.com/a?b#c"),
    (
        "[slack]",
        "{warn: slack, critical: ['pagerduty:pay', 'email:a@c.example']}\n      critical_below: 5",
    ),
    ("[slack]", "['slack:C0123456789', webhook, 'webhook:a_1', apprise, log]"),
    (FRESH, "freshness: {repeat: 1h, owner: a, runbook: 'http://a', notify: {warn: log}}"),
    (FRESH, "audit: {notify: slack, repeat: 1h}"),
    (FRESH, "owners: {ops: {notify: {critical: log}}, others:, more: {}}"),
)
BAD = (
    (BOUND, "outside: [30]"),
    (BOUND, "outside: 30"),
    (BOUND, "outside: [30, many]"),
    (BOUND, f"{LINE}outside: [30, 90]"),
    (BOUND, f"{LINE}change: ratio"),
    (BOUND, f"{LINE}repeat: often"),
    (BOUND, f"{LINE}active: {{}}"),
    (BOUND, f"{LINE}active: {{hours: 8-20}}"),
    (BOUND, f"{LINE}active: {{hours: '25:00-26:00'}}"),
    (BOUND, f"{LINE}active: {{days: [noday]}}"),
    (BOUND, f"{LINE}runbook: ftp://a.example"),
    (BOUND, f"{LINE}runbook: 'https://a.example/a b'"),
    ("[slack]", "{warm: slack}"),
    ("[slack]", "{warn: slak}"),
    ("[slack]", "['slack:#ops']"),
    ("[slack]", "email:ops"),
    ("[slack]", "[5]"),
    ("    low:", "    source_drift:"),
    (FRESH, "owners: {A: {notify: log}}"),
    (FRESH, "owners: {a: {tell: log}}"),
    (FRESH, "audit: {notify: lgo}"),
)
ONLY_THE_PARSER = (
    (BOUND, "outside: [90, 30]"),
    (BOUND, f"{LINE}repeat: 30s"),
    (BOUND, f"{LINE}inhibited_by: nothing"),
    (BOUND, f"{LINE}inhibited_by: source_drift"),
    (FRESH, "freshness: {warn_after: 0m}"),
    (BOUND, f"{LINE}active: {{hours: '08:00-08:00'}}"),
    (BOUND, f"{LINE}runbook: https://a:b@c.example"),
    (FRESH, "freshness: {owner: b}\n  owners: {a: {}}"),
)


@pytest.mark.parametrize(("old", "new"), cases(GOOD))
def test_what_is_right_passes_both(old: str, new: str) -> None:
    text = shop_text(old, new)

    assert (judged(text), parsed(text)) == ([], "")


@pytest.mark.parametrize(("old", "new"), cases(BAD))
def test_what_is_wrong_in_form_is_refused_by_both(old: str, new: str) -> None:
    text = shop_text(old, new)

    assert judged(text)
    assert parsed(text)


@pytest.mark.parametrize(("old", "new"), cases(ONLY_THE_PARSER))
def test_what_is_wrong_in_meaning_is_left_to_the_parser(old: str, new: str) -> None:
    text = shop_text(old, new)

    assert judged(text) == []
    assert parsed(text)
