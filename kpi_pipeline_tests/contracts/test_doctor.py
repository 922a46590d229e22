"""`kpi-pipeline doctor` on other databases: what applies to them, and nothing else."""

import re
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kpi_pipeline.cli.clinic import examine
from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.model.finding import Finding, Severity
from kpi_pipeline.source.open import open_checkup
from kpi_pipeline.source.sql.mariadb import MariaDb
from kpi_pipeline.source.sql.version import mariadb_version, sqlite_version
from kpi_pipeline_tests.contracts.shops import OtherSales
from kpi_pipeline_tests.doctor.mending import bad

NOW = datetime.now(UTC)
SOURCE = {"source", "source version", "source table", "source index", "source event times"}


def look(shop: OtherSales, **settings: str) -> dict[str, Finding]:
    found = examine(shop.spec, replace(shop.settings, **settings))  # type: ignore[arg-type]
    return {finding.subject: finding for finding in found}


@pytest.fixture
def folded(other: OtherSales) -> OtherSales:
    """A shop with a row that was folded."""
    other.sell(1, at=NOW - timedelta(minutes=5))
    other.advance()
    return other


def test_only_what_applies_is_looked_at(folded: OtherSales) -> None:
    found = look(folded)
    lite = folded.source_url.startswith("sqlite")
    mine = {subject for subject in found if subject.startswith(("source", "clocks"))}
    clocks = {"clocks: this machine, state"}
    if not lite:
        clocks |= {"clocks: this machine, source", "clocks: source, state"}

    assert mine == SOURCE | clocks | ({"source numbers"} if lite else set())
    assert set(bad(found.values())) & mine <= {"source numbers"}
    assert found["source version"].what.startswith("SQLite 3" if lite else "MariaDB 1")
    assert found["runs"].level is Severity.OK


def test_a_missing_index_is_told_until_its_statement_is_run(folded: OtherSales) -> None:
    on = " ON transactions" if folded.source_url.startswith("mariadb") else ""
    folded.run(f"DROP INDEX transactions_created_at_idx{on}")
    missing = bad(look(folded).values())["source index"]
    folded.run(missing.remedy)

    assert "no index on created_at" in missing.what
    assert look(folded)["source index"].level is Severity.OK


def test_undated_rows_a_view_and_a_wrong_column_are_told(folded: OtherSales) -> None:
    folded.sell_at(None)
    undated = bad(look(folded).values())["source event times"]
    folded.run("CREATE VIEW seen AS SELECT * FROM transactions")
    view = folded.declaration.replace("table: transactions", "table: seen")
    seen = bad(look(replace(folded, declaration=view)).values())
    wrong = folded.declaration.replace("expr: amount", "expr: amout")
    lacking = bad(look(replace(folded, declaration=wrong)).values())["source table"]

    assert "1 rows have no event time" in undated.what
    assert "source kind" in seen
    assert "did you mean 'amount'?" in lacking.what
    assert lacking.level is Severity.PROBLEM


def test_a_database_that_is_away_is_one_problem_and_tells_no_password(other: OtherSales) -> None:
    away = {
        "sqlite": "sqlite:////no/such/shop.db",
        "mariadb": "mariadb://shop:s3cr3t-pass@127.0.0.1:1/shop",
    }[other.source_url.split(":")[0]]
    found = look(other, source_url=away)

    assert found["source"].level is Severity.PROBLEM
    assert not SOURCE - {"source"} & found.keys()
    assert "state tables" in found
    assert "s3cr3t" not in str(found)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("oracle://u:s3cr3t@db/shop", "this release reads PostgreSQL"),
        ("nonsense", "is not a database URL"),
        ("sqlite://", "names no SQLite file"),
        ("mariadb://u:s3cr3t@db/shop", "pip install pymysql"),
    ],
)
def test_a_url_or_driver_that_cannot_be_used_is_a_problem_and_no_crash(
    other: OtherSales, url: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pymysql", None)
    found = look(other, source_url=url)

    assert message in found["source"].what
    assert found["source"].level is Severity.PROBLEM
    assert "s3cr3t" not in str(found)


def test_a_servers_clock_that_is_wrong_is_told_and_a_file_has_none(
    folded: OtherSales, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = "SELECT CAST(UTC_TIMESTAMP(6) - INTERVAL 1 HOUR AS CHAR)"
    monkeypatch.setattr(MariaDb, "now", slow)
    found = bad(look(folded).values())
    checkup = open_checkup(folded.spec, folded.source_url)

    if folded.source_url.startswith("sqlite"):
        assert not [subject for subject in found if subject.startswith("clocks")]
        with pytest.raises(SourceError, match="tells this machine's time"):
            checkup.now()
    else:
        said = found["clocks: this machine, source"].what
        assert re.search("this machine is (1h|59m 5.s) ahead of source", said)
    checkup.close()


@pytest.mark.parametrize(
    ("finding", "level", "what"),
    [
        (mariadb_version("10.11.6-MariaDB-log"), Severity.OK, "MariaDB 10.11.6"),
        (mariadb_version("5.5.68-MariaDB"), Severity.WARNING, "older than 10.6"),
        (mariadb_version("8.0.36"), Severity.WARNING, "MySQL 8.0.36 is not tested"),
        (sqlite_version("3.40.1"), Severity.OK, "SQLite 3.40.1"),
        (sqlite_version("3.22.0"), Severity.PROBLEM, "cannot answer"),
    ],
)
def test_versions_are_judged(finding: Finding, level: Severity, what: str) -> None:
    assert finding.level is level
    assert what in finding.what
