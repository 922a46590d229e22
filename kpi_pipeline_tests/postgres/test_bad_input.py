"""A database that is not as declared: a clear message, nothing lost, the next look carries on."""

import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.engine import make_url

from kpi_pipeline.embedded.cluster import Cluster
from kpi_pipeline.model.errors import KpiError, SourceError, StateError
from kpi_pipeline_tests.sales import DECLARATION, Sales
from kpi_pipeline_tests.truth import assert_state_equals_source


@pytest.mark.parametrize(
    ("wrong", "right", "message"),
    [
        ("public.transactions", "public.transaction", "did you mean 'public.transactions'"),
        ("created_at", "create_at", "no column 'create_at' (did you mean 'created_at'?)"),
        ("expr: amount,", "expr: amout,", "metrics.total_revenue.expr"),
        ("[transaction_type]", "[transaction_typ]", "metrics.revenue_by_type.group_by"),
        ("created_at", "amount", "event time must be timestamp with time zone"),
        (
            "expr: amount,",
            "expr: transaction_type,",
            "metrics.total_revenue.expr: transaction_type is text; agg sum needs a number",
        ),
    ],
    ids=["table", "event time", "expression", "group", "type of event time", "type of amount"],
)
def test_what_is_not_there_is_named_with_the_nearest_thing_that_is(
    sales: Sales, wrong: str, right: str, message: str
) -> None:
    sales.sell(1)
    typo = replace(sales, declaration=DECLARATION.replace(wrong, right))

    with pytest.raises(SourceError) as caught:
        typo.advance()
    typo.close()

    assert message in str(caught.value)
    sales.advance()
    assert sales.value("transaction_count") == 1


def test_a_table_without_an_index_is_read_and_the_index_is_told(sales: Sales) -> None:
    sales.run("DROP INDEX transactions_created_at_idx")
    sales.sell(1)

    report = sales.advance().report

    assert report is not None
    assert len(report.warnings) == 1
    assert (
        'CREATE INDEX CONCURRENTLY ON "public"."transactions" ("created_at")' in report.warnings[0]
    )
    assert_state_equals_source(sales)


def test_a_view_is_read_with_a_bounded_guarantee(sales: Sales) -> None:
    sales.run("CREATE VIEW v AS SELECT * FROM transactions")
    view = replace(sales, declaration=DECLARATION.replace("public.transactions", "v"))
    view.sell(1)
    view.advance()
    assert not view.peek().due

    view.sell(2)
    outcome = view.advance()

    assert outcome.published is not None
    assert outcome.published.snapshot.guarantee == "bounded(15m)"
    assert outcome.report is not None
    assert "is a view" in outcome.report.warnings[0]
    assert view.value("total_revenue") == 3
    view.run("DELETE FROM transactions WHERE amount = 1")
    assert view.peek().due
    view.advance()
    assert view.value("total_revenue") == 2
    view.close()


def test_a_role_that_may_not_see_activity_gets_a_bounded_guarantee(sales: Sales) -> None:
    sales.run("DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN")
    sales.run("GRANT SELECT ON transactions TO reader")
    url = make_url(sales.source_url).set(username="reader").render_as_string(hide_password=False)
    reader = replace(sales, source_url=url)
    reader_parts = reader.advance()
    sales.sell(4)
    reader.advance()

    assert reader_parts.published is not None
    assert reader_parts.published.snapshot.guarantee == "bounded(15m)"
    assert reader_parts.report is not None
    assert "GRANT pg_read_all_stats" in reader_parts.report.warnings[0]
    assert reader.value("total_revenue") == 4
    reader.close()


def test_a_role_that_may_not_read_the_table_is_told_which_grant_helps(sales: Sales) -> None:
    sales.run("DROP ROLE IF EXISTS stranger; CREATE ROLE stranger LOGIN")
    url = make_url(sales.source_url).set(username="stranger").render_as_string(hide_password=False)
    stranger = replace(sales, source_url=url)

    with pytest.raises(SourceError, match=r"GRANT SELECT ON public\.transactions"):
        stranger.advance()
    stranger.close()


def test_the_source_is_read_in_read_only_transactions_only(sales: Sales) -> None:
    sales.advance()
    with sales.parts.source.engine.connect() as connection:  # type: ignore[attr-defined]
        mode = connection.exec_driver_sql("SHOW transaction_read_only").scalar()
        name = connection.exec_driver_sql("SHOW application_name").scalar()

    assert (mode, name) == ("on", "kpi_pipeline/sales")


def test_a_state_database_that_is_read_only_says_so_and_loses_nothing(sales: Sales) -> None:
    sales.sell(1)
    sales.advance()
    name = make_url(sales.state_url).database
    sales.run(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    sales.parts.close()
    sales.sell(2)

    with pytest.raises(StateError, match="read-only"):
        sales.advance()

    sales.run(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    sales.parts.close()
    sales.advance()
    assert sales.value("total_revenue") == 3


@pytest.mark.parametrize("which", ["source_url", "state_url"])
@pytest.mark.parametrize(
    "url",
    [
        "postgresql://shop:s3cr3t-pass@127.0.0.1:1/shop",
        "postgresql://shop:s3cr3t-pass@no-such-host.invalid/shop",
        "mysql://shop:s3cr3t-pass@127.0.0.1/shop",
        "shop:s3cr3t-pass@127.0.0.1",
        "postgresql://shop:s3cr3t-pass@127.0.0.1:notaport/shop",
    ],
    ids=["down", "no such host", "another database", "not a URL", "bad port"],
)
def test_an_unreachable_database_is_a_clear_error_without_the_password(
    sales: Sales, which: str, url: str
) -> None:
    urls = {"source_url": sales.source_url, "state_url": sales.state_url} | {which: url}
    broken = Sales(urls["source_url"], urls["state_url"])

    with pytest.raises(KpiError) as caught:
        broken.advance()
    broken.close()

    assert "s3cr3t" not in str(caught.value)
    assert "s3cr3t" not in repr(broken.settings)
    assert any(word in str(caught.value) for word in ("database", "URL"))


@pytest.fixture
def guarded(postgres: Cluster, sales: Sales) -> Iterator[str]:
    """The source's URL for a role that needs its password; it is `right`."""
    sales.run("DROP ROLE IF EXISTS guarded; CREATE ROLE guarded LOGIN PASSWORD 'right'")
    sales.run("GRANT SELECT ON transactions TO guarded")
    rules = postgres.home / "postgres" / "pg_hba.conf"
    before = rules.read_text()
    rules.write_text(f"local all guarded scram-sha-256\n{before}")
    sales.run("SELECT pg_reload_conf()")
    yield sales.source_url.replace("postgres@", "guarded:{password}@")
    rules.write_text(before)
    sales.run("SELECT pg_reload_conf()")


def test_a_wrong_password_is_told_and_never_printed(sales: Sales, guarded: str) -> None:
    sales.sell(7)
    wrong = Sales(guarded.format(password="wr0ng-pass"), sales.state_url)  # noqa: S106
    right = Sales(guarded.format(password="right"), sales.state_url)  # noqa: S106

    with pytest.raises(SourceError, match="password authentication failed") as caught:
        wrong.advance()
    wrong.close()

    shown = "".join(traceback.format_exception(caught.value)) + repr(wrong.settings)
    assert "wr0ng" not in shown
    right.advance()
    right.close()
    assert sales.value("total_revenue") == 7


def test_a_source_that_goes_away_and_comes_back_is_carried_on(sales: Sales) -> None:
    sales.sell(1)
    sales.advance()
    sales.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND application_name LIKE 'kpi_pipeline/%'"
    )

    sales.sell(2)
    sales.advance()

    assert sales.value("total_revenue") == 3
    assert_state_equals_source(sales)


def test_a_state_database_of_a_newer_release_is_refused(sales: Sales) -> None:
    sales.advance()
    engine = sales.parts.store.engine  # type: ignore[attr-defined]
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE kpi.alembic_version SET version_num = '9999'")
    again = replace(sales)

    with pytest.raises(StateError, match="upgrade kpi-pipeline"):
        again.advance()


def test_giant_values_of_groups_and_members_stop_nothing(sales: Sales) -> None:
    sales.run("ALTER TABLE transactions ALTER user_id TYPE text")
    sales.run(
        "INSERT INTO transactions (amount, transaction_type, user_id) "
        "SELECT 1, repeat('é', 1000000) || n, repeat('x', 100000) || n FROM generate_series(1, 3) n"
    )
    sales.advance()

    assert sales.value("total_revenue") == 3
    assert sales.value("unique_users") == 3


def test_amounts_that_are_no_numbers_are_shown_as_such_and_stop_nothing(sales: Sales) -> None:
    sales.run("ALTER TABLE transactions ALTER amount TYPE numeric")
    for amount in ("NaN", "Infinity", "-Infinity", "5"):
        sales.sell(amount)
        sales.sell(amount, at=datetime.now(UTC) - timedelta(days=3))
        sales.advance()

    assert sales.value("transaction_count") == 8
    total = sales.value("total_revenue")
    assert total is not None
    assert total.is_nan()
    assert sales.value("avg_order_value") is None


def test_rows_beyond_all_time_are_counted_and_told(sales: Sales) -> None:
    sales.sell(1)
    sales.run(
        "INSERT INTO transactions (created_at, amount) VALUES ('infinity', 1), ('-infinity', 2), "
        "('200000-01-01', 4), ('9999-12-29', 8), ('0044-03-15 BC', 16), ('0001-06-01', 32)"
    )

    report = sales.advance().report

    assert report is not None
    assert report.undated == 2
    assert sales.value("total_revenue") == 1
    assert not sales.peek().due
