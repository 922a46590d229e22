"""KPIs by SQL alone: the views over the state say what the snapshot and the source say."""

# ruff: noqa: S608 - the names within statements are those of this file

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from kpi_pipeline.embedded.cluster import Cluster
from kpi_pipeline.store.view_names import LONGEST, fitted, marked
from kpi_pipeline.store.view_sql import column_names
from kpi_pipeline_tests.sales import DECLARATION, Sales

READER = "kpi_reader"
METRICS = {
    "total_revenue": "sum(amount)",
    "transaction_count": "count(*)",
    "largest": "max(amount)",
    "big_orders": "count(*)",
    "avg_order_value": "sum(amount) / count(*)",
}
DAY = (
    "date_trunc('day', created_at AT TIME ZONE 'America/New_York') AT TIME ZONE 'America/New_York'"
)
BUCKETS = {"minute": "date_trunc('minute', created_at)", "day": DAY}
MINE = "SELECT relname FROM pg_class WHERE relkind = 'v' AND relnamespace = 'kpi'::regnamespace"


@pytest.fixture
def busy(sales: Sales) -> Sales:
    """Three days of sales, folded; then late rows on each of them, folded too."""
    today = datetime.now(UTC).replace(hour=16, minute=0, second=0, microsecond=0)
    for late in (False, True):
        for day in (1, 2, 3):
            for minute in range(3):
                at = today - timedelta(days=day) + timedelta(minutes=minute + 2 * late)
                sales.sell(f"{10 * day + minute}.25", at=at, kind="A" if minute % 2 else None)
                sales.sell("60", at=at, kind='it\'s: "b" 50%', user=minute)
        sales.sell("5.5")
        sales.advance()
    return sales


@pytest.fixture
def reader(postgres: Cluster) -> Iterator[str]:
    with psycopg.connect(postgres.dsn("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {READER} LOGIN")
        yield READER
        for (name,) in connection.execute("SELECT datname FROM pg_database WHERE datallowconn"):
            with psycopg.connect(postgres.dsn(name), autocommit=True) as other:
                other.execute(f"DROP OWNED BY {READER}")
        connection.execute(f"DROP ROLE {READER}")


def state(sales: Sales, sql: str, user: str = "postgres") -> None:
    engine = create_engine(make_url(sales.state_url).set(username=user))
    try:
        with engine.begin() as connection:
            connection.execute(text(sql))
    finally:
        engine.dispose()


def of_source(sales: Sales, sql: str) -> list[tuple[object, ...]]:
    with sales.shop.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def views(sales: Sales) -> set[str]:
    return {str(name) for (name,) in sales.state_rows(MINE)}


@pytest.mark.parametrize("grain", BUCKETS)
def test_every_bucket_says_what_the_source_says(busy: Sales, grain: str) -> None:
    within = "created_at < now() - interval '12 hours'" if grain == "day" else "true"
    for metric, expression in METRICS.items():
        only = "amount >= 50" if metric == "big_orders" else "true"
        view = f"SELECT bucket, value, rows FROM kpi.sales_{metric} WHERE grain = '{grain}'"
        source = f"""
        SELECT {BUCKETS[grain]}, {expression}, count(*) FROM transactions
        WHERE {within} AND {only} GROUP BY 1"""

        assert sorted(busy.state_rows(view)) == sorted(of_source(busy, source))


def test_groups_are_columns_of_their_own_name(busy: Sales) -> None:
    found = busy.state_rows(
        "SELECT transaction_type, sum(value), sum(rows) FROM kpi.sales_revenue_by_type "
        "WHERE grain = 'minute' GROUP BY 1"
    )
    source = "SELECT transaction_type, sum(amount), count(*) FROM transactions GROUP BY 1"

    assert set(found) == set(of_source(busy, source))


def test_the_pipelines_view_is_the_newest_snapshot(busy: Sales) -> None:
    published = busy.parts.store.latest()
    assert published is not None
    found = busy.state_rows(
        "SELECT metric, window_name, groups, value, baseline, unit, rows, window_start, "
        "window_end, as_of, watermark, computed_at, guarantee FROM kpi.sales"
    )
    shot = published.snapshot

    assert [(r[0], r[1], tuple(r[2]), *r[3:9]) for r in found] == [  # type: ignore[arg-type]
        (r.metric, r.window, r.dims, r.value, r.baseline, r.unit, r.rows, r.start, r.end)
        for r in shot.readings
    ]
    assert {row[9:] for row in found} == {
        (shot.as_of, shot.watermark, shot.computed_at, shot.guarantee)
    }


def test_a_role_that_may_read_the_views_alone_reads_them(busy: Sales, reader: str) -> None:
    state(busy, f"GRANT USAGE ON SCHEMA kpi TO {reader}")
    state(busy, f"GRANT SELECT ON kpi.sales, kpi.sales_total_revenue TO {reader}")

    state(busy, "SELECT * FROM kpi.sales", reader)
    state(busy, "SELECT * FROM kpi.sales_total_revenue", reader)
    for hidden in ("kpi.partial", "kpi.snapshot", "kpi.sales_largest"):
        with pytest.raises(Exception, match="permission denied"):
            state(busy, f"SELECT * FROM {hidden}", reader)


def test_a_changed_definition_shows_its_own_buckets_alone(busy: Sales) -> None:
    changed = DECLARATION.replace("sum, expr: amount, unit", "sum, expr: amount * 2, unit")
    again = replace(busy, declaration=changed)
    again.advance()
    (total,) = again.state_rows(
        "SELECT sum(value) FROM kpi.sales_total_revenue WHERE grain = 'minute'"
    )

    assert total[0] == 2 * Decimal(str(busy.one("SELECT sum(amount) FROM transactions")))
    again.close()


def test_other_group_columns_keep_the_views_readers(busy: Sales, reader: str) -> None:
    state(busy, f"GRANT USAGE ON SCHEMA kpi TO {reader}")
    state(busy, f"GRANT SELECT ON kpi.sales_revenue_by_type TO {reader}, PUBLIC")
    changed = DECLARATION.replace("[transaction_type]", "[user_id, transaction_type]")
    again = replace(busy, declaration=changed)
    again.advance()

    state(again, "SELECT user_id, transaction_type FROM kpi.sales_revenue_by_type", reader)
    again.close()


def test_a_metric_that_is_gone_takes_its_view_along_and_nothing_else(busy: Sales) -> None:
    state(busy, "CREATE VIEW kpi.sales_mine AS SELECT 1 AS one")
    before = views(busy)
    again = replace(
        busy, declaration=DECLARATION.replace("    largest: {agg: max, expr: amount}\n", "")
    )
    again.advance()

    assert before - views(again) == {"sales_largest"}
    assert "sales_mine" in views(again)
    again.close()


def test_views_of_a_pipeline_that_was_purged_are_dropped_by_another(busy: Sales) -> None:
    mark = "kpi_pipeline: returns; orders; 0123456789abcdef"
    state(busy, "CREATE VIEW kpi.returns_orders AS SELECT 1 AS one")
    state(busy, f"COMMENT ON VIEW kpi.returns_orders IS '{mark}'".replace(":", r"\:"))
    busy.sell(1)
    busy.advance()

    assert "returns_orders" not in views(busy)


def test_a_users_view_on_ours_costs_the_new_columns_not_the_fold(busy: Sales) -> None:
    state(busy, "CREATE VIEW public.mine AS SELECT transaction_type FROM kpi.sales_revenue_by_type")
    changed = DECLARATION.replace("[transaction_type]", "[user_id]")
    again = replace(busy, declaration=changed)
    outcome = again.advance()

    assert outcome.report is not None
    (warning,) = (w for w in outcome.report.warnings if "kpi.sales_revenue_by_type" in w)
    assert "keeps its old columns and definition: cannot drop view" in warning
    busy.state_rows("SELECT transaction_type FROM public.mine")  # as it was declared
    state(again, "DROP VIEW public.mine")
    again.sell(1)
    outcome = again.advance()
    assert outcome.report is not None
    assert not [w for w in outcome.report.warnings if "kpi." in w]
    assert again.state_rows("SELECT user_id FROM kpi.sales_revenue_by_type")
    again.close()


def test_a_view_that_somebody_reads_for_long_does_not_hold_a_fold_up(busy: Sales) -> None:
    changed = DECLARATION.replace("sum, expr: amount, unit", "sum, expr: amount * 2, unit")
    again = replace(busy, declaration=changed)
    engine = create_engine(busy.state_url)
    with engine.begin() as connection:
        connection.execute(text("SELECT * FROM kpi.sales_total_revenue"))
        outcome = again.advance()
    engine.dispose()

    assert outcome.folded_by_us
    assert outcome.report is not None
    assert any("kpi.sales_total_revenue could not be made" in w for w in outcome.report.warnings)
    again.close()


def test_an_unchanged_declaration_makes_nothing_anew(busy: Sales) -> None:
    sql = "SELECT oid, xmin FROM pg_class WHERE relname LIKE 'sales%' ORDER BY oid"
    before = busy.state_rows(sql.replace("xmin", "CAST(xmin AS text)"))
    busy.sell(1)
    busy.advance()

    assert busy.state_rows(sql.replace("xmin", "CAST(xmin AS text)")) == before


@pytest.mark.parametrize("name", ["partial", "pipeline", "series_pkey"])
def test_a_name_that_is_taken_gets_a_hash(sales: Sales, name: str) -> None:
    named = replace(sales, declaration=DECLARATION)
    spec = replace(named.spec, name=name)
    named.__dict__["spec"] = spec
    named.sell(3)
    named.advance()
    ours = marked(name, f"{name}/")

    assert ours in views(named)
    assert named.state_rows(f"SELECT value FROM kpi.{ours} WHERE metric = 'largest'")
    named.close()


def test_two_pipelines_that_want_the_same_name_get_two_views(sales: Sales) -> None:
    for pipeline, metric, amount in (("a", "b_c", 3), ("a_b", "c", 4)):
        text_ = DECLARATION.replace("total_revenue", metric)
        shop = replace(
            sales, declaration=text_.replace("expr: amount, unit", f"expr: {amount}, unit")
        )
        shop.__dict__["spec"] = replace(shop.spec, name=pipeline)
        shop.sell(1)
        shop.advance()
        shop.close()
    other = marked("a_b_c", "a_b/c")

    assert {"a_b_c", other} <= views(sales)
    for view, amount in (("a_b_c", 3), (other, 4)):
        found = sales.state_rows(f"SELECT max(value / rows) FROM kpi.{view}")
        assert found == [(amount,)]


def test_names_of_any_length_and_odd_columns_make_views(sales: Sales) -> None:
    odd = {"value": "value_", "Rows: 50%'s \\:x": "Rows: 50%'s \\:x", "grain": "grain_"}
    long = "m" * 63
    for column in odd:
        sales.run(f'ALTER TABLE transactions ADD "{column}" text'.replace(":", r"\:"))
    listed = ", ".join("'" + column.replace("'", "''") + "'" for column in odd)
    more = f"    {long}: {{agg: count, group_by: [{listed}]}}\n  windows:"
    shop = replace(sales, declaration=DECLARATION.replace("  windows:", more))
    shop.sell(1)
    shop.advance()
    name = fitted(f"sales_{long}")
    columns = "SELECT attname FROM pg_attribute WHERE attrelid = 'kpi.{}'::regclass ORDER BY attnum"

    assert len(name) == LONGEST
    found = [row[0] for row in shop.state_rows(columns.format(name).replace("::", r"\:\:"))]
    assert found == ["grain", "bucket", *odd.values(), "value", "rows"]
    shop.close()


def test_columns_that_are_alike_when_cut_stay_apart() -> None:
    found = column_names(("é" * 40, "é" * 40 + "x", "rows", "rows_"))

    assert len(set(found)) == 4
    assert all(len(name.encode()) <= LONGEST for name in found)
    assert found[2:] == ["rows_", "rows__"]


def test_a_value_that_is_no_number_is_shown_as_it_is(sales: Sales) -> None:
    sales.run("ALTER TABLE transactions ALTER amount TYPE numeric")
    sales.sell("NaN")
    sales.advance()
    (found,) = sales.state_rows("SELECT value FROM kpi.sales_total_revenue WHERE grain = 'minute'")

    assert Decimal(str(found[0])).is_nan()
    assert sales.state_rows("SELECT value FROM kpi.sales")


def test_views_that_another_pipeline_kept_us_from_are_made_by_the_next_fold(sales: Sales) -> None:
    other = create_engine(sales.state_url)
    sales.peek()
    with other.begin() as connection:
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended('kpi_pipeline/views', 0))")
        )
        sales.advance()
        before = views(sales)
    other.dispose()

    sales.sell(1)
    sales.advance()

    assert before == set()
    assert "sales_total_revenue" in views(sales)
