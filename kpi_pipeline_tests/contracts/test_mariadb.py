"""MariaDB's own: collations, two kinds of timestamp, users and grants."""

import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.source.open import open_source
from kpi_pipeline_tests.contracts.shops import OtherSales

NOW = datetime.now(UTC)


@pytest.fixture
def maria(opened: Callable[..., OtherSales]) -> OtherSales:
    return opened("mariadb")


def test_groups_and_members_are_told_apart_by_their_bytes(maria: OtherSales) -> None:
    maria.run("ALTER TABLE transactions MODIFY user_id varchar(20) CHARACTER SET latin1")
    kinds = ("food", "FOOD", "food ", "fööd", "😀")
    for kind in kinds:
        maria.sell(1, kind=kind)
    for user in ("a", "A", "a ", "ä"):
        with maria.shop.begin() as owner:
            row = {"at": NOW.replace(tzinfo=None), "user": user}
            sql = "INSERT INTO transactions (created_at, amount, user_id) VALUES (:at, 1, :user)"
            owner.execute(text(sql), row)
    outcome = maria.advance()

    assert outcome.published is not None
    found = {r.dims[0] for r in outcome.published.snapshot.find("revenue_by_type", "lifetime")}
    assert found == {*kinds, None}
    assert maria.value("unique_users") == 5


def test_a_timestamp_is_a_moment_whatever_the_sessions_zone(maria: OtherSales) -> None:
    maria.run("ALTER TABLE transactions MODIFY created_at timestamp(6) NULL")
    zoneless = replace(maria, declaration=maria.declaration.replace(", timezone: UTC", ""))
    zoneless.advance()
    with maria.shop.begin() as owner:
        owner.execute(text("SET time_zone = '+05:45'"))
        owner.execute(
            text("INSERT INTO transactions (created_at, amount) VALUES (:at, 5)"),
            {"at": (NOW + timedelta(hours=5, minutes=45)).replace(tzinfo=None)},
        )
    outcome = zoneless.advance()

    assert outcome.published is not None
    assert outcome.published.snapshot.watermark == NOW
    assert zoneless.value("total_revenue") == 5
    zoneless.close()


@pytest.mark.parametrize("kind", ["timestamp", "timestamp(6)", "datetime", "datetime(6)"])
def test_rows_from_before_the_first_run_are_folded_whatever_their_type(
    maria: OtherSales, kind: str
) -> None:
    maria.run(f"ALTER TABLE transactions MODIFY created_at {kind} NULL")
    with maria.shop.begin() as owner:
        owner.execute(text("SET time_zone = '+00:00'"))
        for days in (1, 40, 400):
            at = (NOW - timedelta(days=days)).replace(tzinfo=None)
            sql = "INSERT INTO transactions (created_at, amount) VALUES (:at, 5)"
            owner.execute(text(sql), {"at": at})
    maria.advance()

    assert maria.value("total_revenue") == 15


@pytest.mark.parametrize("kind", ["date", "varchar(30)", "bigint"])
def test_a_column_that_is_no_timestamp_is_refused(maria: OtherSales, kind: str) -> None:
    maria.run(f"ALTER TABLE transactions MODIFY created_at {kind}")

    with pytest.raises(SourceError, match="event time must be TIMESTAMP or DATETIME"):
        maria.advance()


def test_a_sum_over_text_is_refused(maria: OtherSales) -> None:
    maria.run("ALTER TABLE transactions MODIFY amount varchar(10)")

    with pytest.raises(SourceError, match=r"metrics\.total_revenue\.expr: amount is VARCHAR"):
        maria.advance()


def test_sums_are_exact_beyond_what_floats_hold(maria: OtherSales) -> None:
    maria.run("ALTER TABLE transactions MODIFY amount decimal(38, 10)")
    for _ in range(3):
        maria.sell("9999999999999999999999999999.0000000001")
    maria.advance()

    assert str(maria.value("total_revenue")) == "29999999999999999999999999997.0000000003"


def test_a_zero_date_is_counted_as_undated(maria: OtherSales) -> None:
    with maria.shop.begin() as owner:
        owner.execute(text("SET sql_mode = ''"))
        owner.execute(text("INSERT INTO transactions (created_at) VALUES ('0000-00-00 00:00:00')"))

    outcome = maria.advance()

    assert outcome.report is not None
    assert outcome.report.undated == 1


def test_a_user_is_told_what_it_may_not_and_its_password_is_not(maria: OtherSales) -> None:
    maria.run("CREATE OR REPLACE USER reader@localhost IDENTIFIED BY 'right-pass'")
    right = maria.source_url.replace("root@", "reader:right-pass@")
    wrong = maria.source_url.replace("root@", "reader:wr0ng-pass@")

    for url, message in ((wrong, "Access denied"), (right, "Access denied")):
        source = open_source(maria.spec, url)
        with pytest.raises(SourceError, match=message) as caught:
            source.detect(None)
        shown = "".join(traceback.format_exception(caught.value))
        assert "-pass" not in shown
        source.close()
    name = maria.one("SELECT database()")
    maria.run(f"GRANT SELECT ON {name}.transactions TO reader@localhost")
    source = open_source(maria.spec, right)
    assert source.detect(None).everything is None
    source.close()


def test_a_source_that_goes_away_and_comes_back_is_carried_on(maria: OtherSales) -> None:
    maria.sell(1)
    maria.advance()
    with maria.shop.connect() as owner:
        others = owner.execute(
            text(
                "SELECT id FROM information_schema.processlist "
                "WHERE db = database() AND id <> connection_id()"
            )
        )
        for (number,) in others.all():
            owner.execute(text(f"KILL {int(number)}"))
    maria.sell(2)
    maria.advance()

    assert maria.value("total_revenue") == 3


@pytest.mark.parametrize("backend", ["mysql", "mysql+pymysql", "mariadb+pymysql"])
def test_other_ways_to_write_the_url_are_the_same_source(maria: OtherSales, backend: str) -> None:
    maria.sell(1)
    before = maria.parts.source.detect(None)
    source = open_source(maria.spec, maria.source_url.replace("mariadb", backend, 1))

    found = source.detect(before.position)
    source.close()

    assert (found.everything, found.changed) == (None, ())


def test_a_database_may_be_named_with_its_table(maria: OtherSales) -> None:
    maria.sell(3)
    name = maria.one("SELECT database()")
    url = maria.source_url.replace(f"/{name}", "/information_schema")
    text = maria.declaration.replace("table: transactions", f"table: {name}.transactions")
    named = replace(maria, source_url=url, declaration=text)
    named.advance()

    assert named.value("total_revenue") == 3
    named.close()


def test_floats_are_added_and_told(maria: OtherSales) -> None:
    maria.run("ALTER TABLE transactions MODIFY amount double")
    maria.sell("0.5")
    maria.sell("0.25")
    maria.advance()

    assert maria.value("total_revenue") == Decimal("0.75")
    assert maria.parts.source.inspect().warnings == (
        "amount is DOUBLE, whose sums are floating point; DECIMAL is exact",
    )


def test_columns_of_odd_kinds_stand_in_nobodys_way(maria: OtherSales) -> None:
    maria.run("ALTER TABLE transactions ADD place point, ADD address inet6, ADD id2 uuid")
    maria.sell(1)
    maria.advance()

    assert maria.value("total_revenue") == 1
