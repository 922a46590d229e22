"""The audit in Dagster: a check with its schedules; and history by the day."""

import json
from datetime import UTC, datetime, timedelta

import dagster as dg

from kpi_pipeline.orchestration.reconcile import cron_of
from kpi_pipeline_tests.orchestration.conftest import Deployment
from kpi_pipeline_tests.truth import assert_state_equals_source

ALL: dict[str, object] = {"ops": {"sales_audit": {"config": {"all_history": True}}}}


def audit(
    deployment: Deployment, config: dict[str, object] | None = None
) -> dg.AssetCheckEvaluation:
    job = deployment.definitions.resolve_job_def("sales_audit_job")
    result = job.execute_in_process(instance=deployment.instance, run_config=config)
    (found,) = result.get_asset_check_evaluations()
    return found


def test_an_audit_that_finds_no_difference_passes_and_says_so(deployment: Deployment) -> None:
    deployment.sales.sell(5)
    deployment.sales.sell(6, at=datetime.now(UTC) - timedelta(days=60))
    deployment.materialize()

    recent, everything = audit(deployment), audit(deployment, ALL)

    assert recent.passed
    assert everything.passed
    assert "difference 0" in (recent.description or "")
    assert recent.metadata["rows_read"].value == 1
    assert everything.metadata["rows_read"].value == 2


def test_drift_fails_the_check_is_told_and_is_mended_by_the_next_tick(
    deployment: Deployment,
) -> None:
    deployment.sales.sell(5, at=datetime.now(UTC) - timedelta(hours=3))
    deployment.sales.sell(6, at=datetime.now(UTC) - timedelta(hours=3))
    deployment.materialize()
    deployment.sales.run("DELETE FROM transactions WHERE amount = 6")

    found = audit(deployment)

    assert not found.passed
    assert found.severity == dg.AssetCheckSeverity.WARN
    assert "total_revenue +6" in (found.description or "")
    assert "| total_revenue |" in str(found.metadata["drift"].value)
    assert "audit" in json.dumps(deployment.tick().run_requests[0].tags)  # type: ignore[index]
    metadata = deployment.metadata(deployment.materialize())
    assert metadata["total_revenue/lifetime"] == 5
    assert "verified" in str(metadata["verified"])
    assert "delete" in str(metadata["ledger"])
    assert audit(deployment).passed
    assert_state_equals_source(deployment.sales)


def test_the_audit_of_everything_sweeps_first(deployment: Deployment) -> None:
    deployment.sales.run(
        "INSERT INTO transactions (created_at, amount) SELECT now() - interval '40 days', 1 "
        "FROM generate_series(1, 1100)"
    )
    deployment.sales.sell(2)
    deployment.materialize()
    deployment.sales.run("UPDATE transactions SET amount = 3 WHERE transaction_id = 1")

    assert audit(deployment, ALL).passed

    assert deployment.sales.value("total_revenue") == 1104


def test_a_source_that_is_away_fails_the_audit_with_a_plain_sentence(
    deployment: Deployment,
) -> None:
    deployment.materialize()
    deployment.sales.run("ALTER TABLE transactions RENAME TO gone")
    job = deployment.definitions.resolve_job_def("sales_audit_job")

    result = job.execute_in_process(
        instance=deployment.instance, raise_on_error=False, run_config=ALL
    )

    assert not result.success
    (failure,) = [event for event in result.all_node_events if event.is_step_failure]
    assert 'relation "public.transactions" does not exist' in str(failure.event_specific_data)


def test_every_materialization_repeats_what_the_last_audit_found(deployment: Deployment) -> None:
    def verdict() -> dg.AssetCheckEvaluation:
        found = deployment.materialize().get_asset_check_evaluations()
        return next(item for item in found if item.check_name == "source_reconciles")

    first = verdict()
    deployment.sales.sell(5)
    deployment.materialize()
    deployment.sales.run("DELETE FROM transactions")
    audit(deployment)
    after_the_audit = verdict()

    assert first.passed
    assert first.description == "not verified yet; the first audit comes within 10m"
    assert not after_the_audit.passed
    assert "values differ" in (after_the_audit.description or "")


def test_an_audit_is_about_the_newest_materialization_as_the_badge_is(
    deployment: Deployment,
) -> None:
    deployment.sales.sell(5)
    run = deployment.materialize()

    found = audit(deployment)

    assert found.target_materialization_data is not None
    assert found.target_materialization_data.run_id == run.run_id


def test_both_audits_are_scheduled_from_the_start(deployment: Deployment) -> None:
    found = {
        item.name: (item.cron_schedule, item.default_status, item.execution_timezone)
        for item in deployment.definitions.schedules or ()
        if isinstance(item, dg.ScheduleDefinition)
    }

    running = dg.DefaultScheduleStatus.RUNNING
    assert found == {
        "sales_audit_recent": ("*/10 * * * *", running, None),
        "sales_audit_all": ("30 3 * * *", running, "America/New_York"),
    }
    assert cron_of(timedelta(hours=6)) == "0 */6 * * *"


def test_days_are_backfilled_with_their_own_numbers(deployment: Deployment) -> None:
    zone = deployment.sales.spec.timezone
    moments = [datetime.now(UTC) - timedelta(days=n) for n in (2, 50)]
    for at in moments:
        deployment.sales.sell(5, at=at)
        deployment.sales.sell(6, at=at)
    deployment.materialize()
    deployment.sales.run("DELETE FROM transactions WHERE amount = 6")
    asset = deployment.definitions.get_assets_def(dg.AssetKey(["sales", "kpi_history"]))

    for at in moments:
        key = at.astimezone(zone).date().isoformat()
        result = dg.materialize([asset], partition_key=key, instance=deployment.instance)
        (event,) = result.asset_materializations_for_node("sales__kpi_history")
        assert event.partition == key
        assert event.metadata["rows"].value == 1
        assert event.metadata["values_replaced"].value != 0

    assert_state_equals_source(deployment.sales)
    assert deployment.metadata(deployment.materialize())["total_revenue/lifetime"] == 10


def test_history_before_the_first_fold_fails_with_what_to_do(deployment: Deployment) -> None:
    asset = deployment.definitions.get_assets_def(dg.AssetKey(["sales", "kpi_history"]))

    result = dg.materialize(
        [asset], partition_key="2026-11-01", instance=deployment.instance, raise_on_error=False
    )

    assert not result.success


def test_a_materialization_lists_the_numbers_that_changed_and_no_others(
    deployment: Deployment,
) -> None:
    at = datetime.now(UTC) - timedelta(hours=3)
    deployment.sales.sell(5, at=at, user=1, kind="FOOD")
    deployment.materialize()
    deployment.sales.sell(5, at=at, user=1, kind="FOOD")

    found = deployment.metadata(deployment.materialize())

    assert found["shown_numbers_changed"] == 3
    table = str(found["ledger"])
    assert "| total_revenue |" in table
    assert "| transaction_count |" in table
    assert "unique_users" not in table
