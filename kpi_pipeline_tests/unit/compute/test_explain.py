from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from kpi_pipeline.compute.explain import literal, metric_sql
from kpi_pipeline.compute.windows import Bounds
from kpi_pipeline.model.metric import Aggregation, SimpleMetric
from kpi_pipeline.source.sql.spelling import SqliteSpelling
from kpi_pipeline.source.sql.zone import UTC_CLOCK
from kpi_pipeline_tests.unit.builders import AS_OF, shop

SPAN = Bounds(AS_OF - timedelta(hours=1), AS_OF)
REVENUE, ORDERS, _ = shop().simple_metrics


def simple(agg: Aggregation, expr: str | None = '"amount"', **more: object) -> SimpleMetric:
    return SimpleMetric(name="m", agg=agg, expr=expr, **more)  # type: ignore[arg-type]


def test_a_sum_over_an_hour_can_be_pasted_as_it_stands() -> None:
    sql = metric_sql(shop(), REVENUE, SPAN)

    assert sql == (
        'SELECT coalesce(sum(CAST("amount" AS numeric)), 0) AS value,\n'
        "       count(*) AS rows\n"
        'FROM "public"."orders"\n'
        "WHERE \"at\" >= TIMESTAMPTZ '2026-11-24 11:00:00+00:00'\n"
        "  AND \"at\" < TIMESTAMPTZ '2026-11-24 12:00:00+00:00';"
    )


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        (simple(Aggregation.COUNT, None), "count(*) AS value"),
        (simple(Aggregation.COUNT), 'count("amount") AS value'),
        (simple(Aggregation.AVERAGE), 'avg(CAST("amount" AS numeric)) AS value'),
        (simple(Aggregation.MIN), 'min(CAST("amount" AS numeric)) AS value'),
        (simple(Aggregation.MAX), 'max(CAST("amount" AS numeric)) AS value'),
        (simple(Aggregation.COUNT_DISTINCT), 'count(DISTINCT CAST("amount" AS text)) AS value'),
    ],
    ids=["rows", "count", "average", "min", "max", "distinct"],
)
def test_each_aggregation_has_its_own_words(metric: SimpleMetric, value: str) -> None:
    assert value in metric_sql(shop(), metric, SPAN)


def test_an_average_tells_both_its_sides() -> None:
    average = metric_sql(shop(), simple(Aggregation.AVERAGE), SPAN)

    assert 'sum(CAST("amount" AS numeric)) AS numerator' in average
    assert 'count("amount") AS denominator' in average


def test_no_start_means_the_declared_one_and_an_earlier_start_too() -> None:
    early = Bounds(AS_OF - timedelta(days=20_000), AS_OF)
    ever = metric_sql(shop(), ORDERS, Bounds(None, AS_OF))

    assert ">= TIMESTAMPTZ '2000-01-01 00:00:00+00:00'" in ever
    assert metric_sql(shop(), ORDERS, early) == ever


def test_a_filter_is_a_condition_of_its_own() -> None:
    kept = replace(REVENUE, filter='"amount" > 1 OR "amount" < 0')

    assert '\n  AND ("amount" > 1 OR "amount" < 0)' in metric_sql(shop(), kept, SPAN)


def test_all_groups_are_a_group_by_and_one_group_a_condition() -> None:
    metric = simple(Aggregation.COUNT, None, group_by=("Kind of", "b"))
    everything = metric_sql(shop(), metric, SPAN)
    one = metric_sql(shop(), metric, SPAN, group=("O'Neil", None))

    assert 'SELECT left(CAST("Kind of" AS text), 100) AS "Kind of",' in everything
    assert everything.endswith("GROUP BY 1, 2\nORDER BY 1, 2;")
    assert one.endswith(
        "AND left(CAST(\"Kind of\" AS text), 100) = 'O''Neil'\n  AND \"b\" IS NULL;"
    )


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("FOOD", "'FOOD'"),
        ("O'Neil", "'O''Neil'"),
        ("a\\'b", "E'a\\\\''b'"),
        ("a\nb", "E'a\\U0000000ab'"),
        ("\u202e", "E'\\U0000202e'"),
        ("", "''"),
    ],
    ids=["plain", "quote", "backslash", "line", "right to left", "empty"],
)
def test_a_literal_can_neither_be_left_nor_move_the_terminal(value: str, written: str) -> None:
    assert literal(value) == written


SQLITE = SqliteSpelling(UTC_CLOCK)


def test_a_database_without_an_aggregate_for_percentiles_counts_places() -> None:
    grouped = simple(Aggregation.PERCENTILE, group_by=("kind",), percentile=Decimal("0.95"))
    sql = metric_sql(shop(), grouped, SPAN, spelling=SQLITE)

    assert sql == (
        'SELECT "kind",\n'
        "       min(CASE WHEN kpi_value IS NOT NULL AND kpi_place >= 0.95e0 * kpi_count "
        "THEN kpi_value END) AS value,\n"
        "       count(*) AS rows\n"
        'FROM (SELECT substr(CAST("kind" AS TEXT), 1, 100) AS "kind",\n'
        '       ("amount") AS kpi_value,\n'
        '       row_number() OVER (PARTITION BY substr(CAST("kind" AS TEXT), 1, 100), '
        '("amount") IS NULL ORDER BY ("amount")) AS kpi_place,\n'
        '       count(("amount")) OVER (PARTITION BY substr(CAST("kind" AS TEXT), 1, 100)) '
        "AS kpi_count\n"
        'FROM "public"."orders"\n'
        "WHERE \"at\" >= '2026-11-24'\n"
        "  AND \"at\" < '2026-11-25'\n"
        "  AND substr(replace(\"at\", 'T', ' '), 1, 16) >= '2026-11-24 11:00'\n"
        "  AND substr(replace(\"at\", 'T', ' '), 1, 16) < '2026-11-24 12:00'\n"
        ") AS ranked\n"
        "GROUP BY 1\n"
        "ORDER BY 1;"
    )
