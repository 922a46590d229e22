import pytest

from kpi_pipeline_tests.unit.builders import sales, shop


def test_only_simple_metrics_are_folded() -> None:
    names = [metric.name for metric in sales().simple_metrics]

    assert names == ["total_revenue", "transaction_count", "unique_users", "revenue_by_type"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("public.orders", "public.returns", id="the table"),
        pytest.param("agg_time_dimension: at", "agg_time_dimension: sent", id="the event time"),
        pytest.param("America/New_York", "America/Chicago", id="the time zone"),
        pytest.param("lookback: 15m", "timezone: UTC", id="the zone of wall times"),
        pytest.param("start: 2000-01-01", "start: 2000-01-02", id="the start"),
    ],
)
def test_what_every_bucket_depends_on_changes_every_definition(old: str, new: str) -> None:
    before, after = shop().definitions, shop(old, new).definitions

    assert [name for name in before if before[name] == after[name]] == []


def test_definitions_that_were_folded_before_there_were_wall_times_still_hold() -> None:
    assert shop().definitions["orders"] == "cda872772ec8da01"


def test_an_edited_metric_changes_its_own_definition_alone() -> None:
    before, after = shop().definitions, shop("{agg: count}", "{agg: sum, expr: 1}").definitions

    assert [name for name in before if before[name] != after[name]] == ["orders"]


def test_channels_are_those_of_all_rules_and_of_freshness() -> None:
    spec = shop("{warn_after: 10m}", "{warn_after: 10m, notify: log}")

    assert spec.channels == {"slack", "log"}
