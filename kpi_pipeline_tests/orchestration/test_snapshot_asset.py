"""The asset: metadata that people and plots read, a check a threshold, one message a problem."""

import re

import dagster as dg
import pytest

from kpi_pipeline_tests.notify.slack_peer import CHANNEL, TOKEN, SlackPeer
from kpi_pipeline_tests.orchestration.conftest import Deployment


def checks(result: dg.ExecuteInProcessResult) -> dict[str, dg.AssetCheckEvaluation]:
    return {item.check_name: item for item in result.get_asset_check_evaluations()}


def test_the_metadata_has_each_kpi_as_a_number_and_all_of_them_as_a_table(
    deployment: Deployment,
) -> None:
    deployment.sales.sell("10.25", kind="FOOD")
    deployment.sales.sell("20.25", kind="a|b", user=2)

    result = deployment.materialize()

    assert result.success
    found = deployment.metadata(result)
    assert found["total_revenue/lifetime"] == 30.5
    assert found["avg_order_value/last_60m"] == 15.25
    assert found["unique_users/today"] == 2
    assert found["rows_folded"] == 2
    assert found["dirty_buckets_left"] == 0
    assert found["guarantee"] == "exact"
    assert {"watermark", "lag_seconds", "position", "checked_at", "computed_at"} <= found.keys()
    table = str(found["kpis"])
    assert "| total_revenue | 30.50 USD |" in table
    assert r"revenue_by_type: a\|b" in table
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1


def test_a_breach_fails_its_check_and_sends_one_message_and_one_when_it_is_over(
    deployment: Deployment, slack_peer: SlackPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("SLACK_CHANNEL", CHANNEL)
    monkeypatch.setenv("SLACK_API_URL", slack_peer.api_url)
    deployment.sales.sell(900)
    assert checks(deployment.materialize())["milestone"].passed

    deployment.sales.sell(200)
    for _ in range(3):
        breached = deployment.materialize()
        deployment.sales.sell(1)

    assert breached.success
    verdict = checks(breached)["milestone"]
    assert not verdict.passed
    assert verdict.severity == dg.AssetCheckSeverity.WARN
    assert "| ok -> firing warn |" in str(verdict.metadata["episodes"].value)
    assert len(slack_peer.messages) == 1
    deployment.sales.sell(-500, kind="REFUND")
    assert checks(deployment.materialize())["milestone"].passed
    deployment.materialize()
    assert ["WARN" in str(m) for m in slack_peer.messages] == [True, False]


def test_without_slack_the_message_goes_to_the_log_and_the_run_says_so(
    deployment: Deployment,
) -> None:
    deployment.sales.sell(2000)

    found = deployment.metadata(deployment.materialize())

    assert "the log (no Slack settings)" in str(found["alerts_sent"])


def test_a_run_that_finds_another_at_work_publishes_what_that_one_published(
    deployment: Deployment,
) -> None:
    deployment.sales.sell(1)
    deployment.materialize()
    deployment.sales.sell(2)

    with deployment.sales.parts.store.exclusive():
        result = deployment.materialize()

    assert result.success
    assert deployment.metadata(result)["folded_by"] == "another process, which holds the pipeline"
    assert deployment.metadata(result)["total_revenue/lifetime"] == 1
    assert set(checks(result)) == {"milestone", "freshness", "source_reconciles"}


def test_a_source_that_is_away_fails_the_run_with_a_plain_sentence(
    deployment: Deployment,
) -> None:
    deployment.sales.run("ALTER TABLE transactions RENAME TO gone")

    result = deployment.materialize()

    assert not result.success
    (failure,) = result.get_step_failure_events()
    assert "no table 'public.transactions'" in str(failure.step_failure_data.user_failure_data)


def test_an_old_newest_row_fails_the_freshness_check(deployment: Deployment) -> None:
    deployment.sales.run(
        "INSERT INTO transactions (created_at, amount) VALUES (now() - interval '2 hours', 1)"
    )

    verdict = checks(deployment.materialize())["freshness"]

    assert not verdict.passed
    assert re.match(r"2h( \d+s)? > 15m", str(verdict.description))
