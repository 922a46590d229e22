"""The source: table, index, key, rights, and who holds the horizon back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from kpi_pipeline.model.finding import Severity
from kpi_pipeline_tests.doctor.mending import as_role, bad, dsn, eventually, look, mend
from kpi_pipeline_tests.sales import DECLARATION, Sales

UNTRACKED = (
    "DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET track_activities = off', "
    "current_database()); END$$"
)


@pytest.fixture
def reader(sales: Sales) -> Iterator[str]:
    """The source's URL for a role that has all it needs, and no more."""
    sales.run(
        'CREATE ROLE "Reader x" LOGIN; GRANT SELECT ON transactions TO "Reader x"; '
        'GRANT pg_read_all_stats TO "Reader x"'
    )
    yield as_role(sales.source_url, "Reader%20x")
    sales.run('DROP OWNED BY "Reader x"; DROP ROLE "Reader x"')


def test_a_source_as_it_should_be_has_only_good_findings(sales: Sales, reader: str) -> None:
    found = look(sales, reader)

    assert bad(found) == {}
    assert {
        "source", "source version", "source encryption", "source table", "source index",
        "source key", "source event times", "source activity", "source role", "source rights",
        "source writers",
    } <= {finding.subject for finding in found}  # fmt: skip


@pytest.mark.parametrize(
    ("harm", "subject", "level"),
    [
        ("DROP INDEX transactions_created_at_idx", "source index", Severity.WARNING),
        (
            "ALTER TABLE transactions DROP CONSTRAINT transactions_pkey",
            "source key",
            Severity.WARNING,
        ),
        ('REVOKE pg_read_all_stats FROM "Reader x"', "source activity", Severity.WARNING),
        ('REVOKE SELECT ON transactions FROM "Reader x"', "source table", Severity.PROBLEM),
        ("REVOKE USAGE ON SCHEMA public FROM PUBLIC", "source table", Severity.PROBLEM),
        (UNTRACKED, "source tracking", Severity.WARNING),
        ('ALTER ROLE "Reader x" SET track_activities = off', "source tracking", Severity.WARNING),
        ('GRANT INSERT, DELETE ON transactions TO "Reader x"', "source rights", Severity.WARNING),
        ("GRANT UPDATE ON transactions TO PUBLIC", "source rights", Severity.WARNING),
        ('ALTER TABLE transactions OWNER TO "Reader x"', "source rights", Severity.WARNING),
        ('GRANT pg_write_all_data TO "Reader x"', "source rights", Severity.WARNING),
    ],
    ids=[
        "no index", "no key index", "no stats", "no select", "no usage", "untracked database",
        "untracked role", "may write", "everybody may write", "owner", "writes all data",
    ],
)  # fmt: skip
def test_what_is_wrong_is_found_and_its_statement_mends_it(
    sales: Sales, reader: str, harm: str, subject: str, level: Severity
) -> None:
    sales.run(harm)
    found = bad(look(sales, reader))

    assert {name: finding.level for name, finding in found.items()} == {subject: level}
    mend(found[subject], sales.source_url)
    assert bad(look(sales, reader)) == {}


def test_a_setting_of_the_whole_server_is_set_back(sales: Sales, reader: str) -> None:
    with psycopg.connect(dsn(sales.source_url), autocommit=True) as owner:
        owner.execute("ALTER SYSTEM SET track_activities = off")
        owner.execute("SELECT pg_reload_conf()")
    assert eventually(lambda: "source tracking" in bad(look(sales, reader)))
    mend(bad(look(sales, reader))["source tracking"], sales.source_url)

    assert eventually(lambda: bad(look(sales, reader)) == {})
    with psycopg.connect(dsn(sales.source_url), autocommit=True) as owner:
        owner.execute("ALTER SYSTEM RESET track_activities")


def test_a_superuser_is_told_how_to_make_a_reader(sales: Sales) -> None:
    found = bad(look(sales))
    mend(found["source role"], sales.source_url)
    mended = bad(look(sales, as_role(sales.source_url, "kpi_reader")))
    sales.run("DROP OWNED BY kpi_reader; DROP ROLE kpi_reader")

    assert set(found) == {"source role"}
    assert mended == {}


def test_a_superuser_of_another_schema_gets_the_way_in_too(sales: Sales) -> None:
    sales.run('CREATE SCHEMA "My shop"; ALTER TABLE transactions SET SCHEMA "My shop"')
    declared = DECLARATION.replace("public.transactions", "My shop.transactions")
    moved = replace(sales, declaration=declared)
    mend(bad(look(moved))["source role"], sales.source_url)
    mended = bad(look(moved, as_role(sales.source_url, "kpi_reader")))
    sales.run("DROP OWNED BY kpi_reader; DROP ROLE kpi_reader")

    assert mended == {}


def test_an_open_transaction_that_writes_is_shown_and_ended(sales: Sales, reader: str) -> None:
    with psycopg.connect(dsn(sales.source_url), application_name="night job [x]") as writer:
        pid = writer.info.backend_pid
        writer.execute("INSERT INTO transactions (amount) VALUES (5), (77777)")
        patient = bad(look(sales, reader))
        found = bad(look(sales, reader, timedelta(0)))
        mend(found["source writers"], sales.source_url)
        with pytest.raises(psycopg.errors.AdminShutdown):
            writer.execute("SELECT 1")

    assert patient == {}
    assert eventually(lambda: bad(look(sales, reader, timedelta(0))) == {})
    what = found["source writers"].what
    assert f"process {pid} (night job [x], database test_" in what
    assert "has been writing for 0s" in what
    assert "77777" not in what


def test_a_role_that_sees_no_writers_does_not_say_that_there_are_none(
    sales: Sales, reader: str
) -> None:
    sales.run('REVOKE pg_read_all_stats FROM "Reader x"')

    subjects = {finding.subject for finding in look(sales, reader)}

    assert "source activity" in subjects
    assert "source writers" not in subjects


def test_a_reading_transaction_holds_nothing_back(sales: Sales, reader: str) -> None:
    with psycopg.connect(dsn(sales.source_url)) as other:
        other.execute("SELECT count(*) FROM transactions")

        assert bad(look(sales, reader, timedelta(0))) == {}


def test_rows_without_an_event_time_are_counted_and_named(sales: Sales, reader: str) -> None:
    sales.run("ALTER TABLE transactions ALTER created_at DROP NOT NULL")
    sales.run("INSERT INTO transactions (created_at) VALUES (NULL), ('infinity'), (now())")
    found = bad(look(sales, reader))["source event times"]
    where = found.remedy[found.remedy.index("WHERE ") :].removesuffix(".")
    sales.run(f"UPDATE transactions SET created_at = now() {where}")  # noqa: S608 - as printed

    assert found.what.startswith("2 rows have no event time")
    assert bad(look(sales, reader)) == {}


def test_a_view_is_told_and_asks_for_no_index(sales: Sales, reader: str) -> None:
    sales.run('CREATE VIEW v AS SELECT * FROM transactions; GRANT SELECT ON v TO "Reader x"')
    view = replace(sales, declaration=DECLARATION.replace("public.transactions", "v"))

    assert set(bad(look(view, reader))) == {"source kind"}


def test_a_partitioned_table_is_indexed_the_way_it_can_be(sales: Sales, reader: str) -> None:
    sales.run(
        "DROP TABLE transactions; CREATE TABLE transactions (transaction_id bigint, "
        "created_at timestamptz, amount numeric, transaction_type text, user_id bigint) "
        'PARTITION BY RANGE (created_at); GRANT SELECT ON transactions TO "Reader x"'
    )
    found = bad(look(sales, reader))
    for finding in found.values():
        mend(finding, sales.source_url)

    assert set(found) == {"source index", "source key"}
    assert bad(look(sales, reader)) == {}


@pytest.mark.parametrize(
    ("declared", "remedy"),
    [
        ("", "such as `key: transaction_id`"),
        ("key: transaction_type, ", "such as `key: transaction_id`"),
    ],
    ids=["none", "text"],
)
def test_a_key_that_could_be_named_is_named(
    sales: Sales, reader: str, declared: str, remedy: str
) -> None:
    keyless = DECLARATION.replace("key: transaction_id, ", declared)
    other = replace(sales, declaration=keyless)

    found = bad(look(other, reader))

    assert set(found) == {"source key"}
    assert remedy in found["source key"].remedy
    sales.run("ALTER TABLE transactions DROP CONSTRAINT transactions_pkey")
    assert "once the table has one" in bad(look(other, reader))["source key"].remedy


def test_a_table_that_does_not_fit_is_the_only_problem(sales: Sales, reader: str) -> None:
    typo = replace(sales, declaration=DECLARATION.replace("expr: amount,", "expr: amout,"))

    found = bad(look(typo, reader))

    assert set(found) == {"source table"}
    assert "did you mean 'amount'?" in found["source table"].what
    assert "check --connect" in found["source table"].remedy


def test_a_check_that_cannot_be_made_hides_none_of_the_others(sales: Sales, reader: str) -> None:
    sales.run("REVOKE SELECT ON pg_prepared_xacts FROM PUBLIC")
    found = look(sales, reader)
    sales.run("GRANT SELECT ON pg_prepared_xacts TO PUBLIC")

    assert set(bad(found)) == {"source prepared"}
    assert "could not be checked: source database: permission denied" in found[-1].what


@pytest.mark.parametrize("url", ["postgresql://shop:s3cr3t-pass@127.0.0.1:1/shop"], ids=["down"])
def test_a_source_that_is_away_is_the_one_finding(sales: Sales, url: str) -> None:
    (found,) = look(sales, url)

    assert found.level is Severity.PROBLEM
    assert "s3cr3t" not in str(found)
