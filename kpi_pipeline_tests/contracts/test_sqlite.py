"""SQLite's own: times are text, decimals are floats, a column holds anything."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from kpi_pipeline.cli.check import check_command
from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.source.open import open_source
from kpi_pipeline_tests.contracts.shops import OtherSales, declaration
from kpi_pipeline_tests.truth import assert_state_equals_source

NOW = datetime.now(UTC)


@pytest.fixture
def lite(opened: Callable[..., OtherSales]) -> OtherSales:
    return opened("sqlite")


@pytest.mark.parametrize("age", [timedelta(), timedelta(days=3), timedelta(days=60)])
def test_a_space_and_a_t_between_day_and_time_are_both_read(
    lite: OtherSales, age: timedelta
) -> None:
    lite.advance()
    for k, separator in enumerate(" T T"):
        at = (NOW - age - timedelta(minutes=k)).replace(tzinfo=None)
        lite.sell_at(at.isoformat(separator, "auto" if k < 2 else "minutes"), 10 + k)
    lite.rewind()
    lite.advance()

    assert lite.value("total_revenue") == 46
    assert_state_equals_source(lite)
    assert lite.parts.source.detect(lite.parts.store.load().position).changed == ()


def test_times_that_name_utc_need_no_declared_zone(lite: OtherSales) -> None:
    zoned = replace(lite, declaration=lite.declaration.replace(", timezone: UTC", ""))
    zoned.advance()
    at = NOW.replace(tzinfo=None)
    zoned.sell_at(f"{at.isoformat()}Z", 1)
    zoned.sell_at(f"{at.isoformat(' ')}+00:00", 2)
    zoned.sell_at(f"{at.isoformat('T', 'seconds')}Z", 4)
    outcome = zoned.advance()

    assert zoned.value("total_revenue") == 7
    assert outcome.published is not None
    assert outcome.published.snapshot.watermark == NOW
    zoned.close()


@pytest.mark.parametrize(
    "value",
    [
        1795000000,
        1795000000.5,
        "12/31/2025 10:00",
        "2026-11-20 10:00:00+02:00",
        "2026-11-20 10:00:00Z",
        "2026-11-20",
        "2026-11-31 10:00:00",
        "2026-11-20 10:00:xx",
        b"2026-11-20 10:00:00",
    ],
    ids=[
        "unix seconds",
        "unix float",
        "m/d/y",
        "an offset",
        "Z with a zone",
        "a day",
        "no day",
        "no second",
        "bytes",
    ],
)
def test_times_that_cannot_be_read_are_refused_by_name(lite: OtherSales, value: object) -> None:
    lite.sell_at("2026-11-19 10:00:00")
    lite.sell_at("2026-11-23 10:00:00")
    if isinstance(value, bytes):  # they sort after all text, where no bucket looks
        lite.sell_at(value)
        assert lite.parts.source.inspect().undated == 1
        return
    lite.sell_at(value)

    with pytest.raises(SourceError, match=r"event time must be text like|which no calendar has"):
        lite.advance()


def test_sums_are_exact_over_the_digits_that_sqlite_keeps(lite: OtherSales) -> None:
    for _ in range(100):
        lite.sell(Decimal("0.1"))
    lite.advance()

    assert lite.value("total_revenue") == 10
    (warning,) = lite.parts.source.inspect().warnings
    assert "SQLite keeps amount as floating point" in warning


def test_whole_numbers_are_exact_and_warn_of_nothing(lite: OtherSales) -> None:
    cents = replace(lite, declaration=lite.declaration.replace("amount", "user_id"))
    for _ in range(3):
        cents.sell(1, user=2**62 + 1)
    cents.advance()

    assert cents.value("total_revenue") == 3 * (2**62 + 1)
    assert cents.parts.source.inspect().warnings == ()
    cents.close()


@pytest.mark.parametrize("metric", ["total_revenue", "largest"])
def test_an_amount_that_is_no_number_is_refused_by_the_metrics_name(
    lite: OtherSales, metric: str
) -> None:
    with lite.shop.begin() as owner:
        owner.execute(
            text("INSERT INTO transactions (created_at, amount) VALUES (:at, 'ten')"),
            {"at": NOW.replace(tzinfo=None).isoformat(" ")},
        )
    other = "largest" if metric == "total_revenue" else "total_revenue"
    lines = [line for line in lite.declaration.splitlines() if f"    {other}:" not in line]
    kept = [line for line in lines if "ratio" not in line and "milestone" not in line]
    alone = replace(lite, declaration="\n".join(kept).replace("  thresholds:", ""))

    with pytest.raises(SourceError, match=rf"metrics\.{metric}\.expr: 'ten' is not a number"):
        alone.advance()
    alone.close()


def test_groups_are_told_apart_by_their_bytes_whatever_they_hold(lite: OtherSales) -> None:
    lite.run("DROP TABLE transactions")
    lite.run(lite.table.replace("transaction_type text", "transaction_type text COLLATE NOCASE"))
    lite.run("CREATE INDEX i ON transactions (created_at)")
    for kind in ("food", "FOOD", "nul\x00l"):
        lite.sell(1, kind=kind)
    lite.run(
        "INSERT INTO transactions (created_at, amount, transaction_type) "
        "SELECT created_at, 1, CAST(x'ff41' AS text) FROM transactions LIMIT 1"
    )
    outcome = lite.advance()

    assert outcome.published is not None
    groups = {r.dims for r in outcome.published.snapshot.find("revenue_by_type", "lifetime")}
    assert groups == {
        ("food",),
        ("FOOD",),
        ("nul",),
        ("\\xffA",),
    }  # its text functions end at a NUL


def test_a_file_that_is_not_there_is_told_and_not_made(tmp_path: Path, lite: OtherSales) -> None:
    missing = tmp_path / "no such.db"
    source = open_source(lite.spec, f"sqlite:///{missing}")

    with pytest.raises(SourceError, match=r"no such\.db, which is not a file"):
        source.detect(None)
    assert not missing.exists()


def test_a_file_that_is_no_database_is_told(tmp_path: Path, lite: OtherSales) -> None:
    (tmp_path / "letter.db").write_text("Dear Sir or Madam, " * 100)
    source = open_source(lite.spec, f"sqlite:///{tmp_path / 'letter.db'}")

    with pytest.raises(SourceError, match="not a database"):
        source.detect(None)
    source.close()


def test_a_moved_file_is_another_source(tmp_path: Path, lite: OtherSales) -> None:
    lite.sell(1)
    before = lite.parts.source.detect(None)
    copy = tmp_path / "copy.db"
    copy.write_bytes(Path(lite.source_url.removeprefix("sqlite:///")).read_bytes())
    source = open_source(lite.spec, f"sqlite:///{copy}")

    found = source.detect(before.position)
    source.close()

    assert found.everything == "the source is another table than the one folded"


def test_a_schema_is_a_database_of_the_file(lite: OtherSales) -> None:
    named = replace(lite, declaration=declaration().replace("table: trans", "table: main.trans"))
    named.sell(5)
    named.advance()

    assert named.value("total_revenue") == 5
    named.close()


def test_columns_and_indexes_of_odd_kinds_stand_in_nobodys_way(lite: OtherSales) -> None:
    lite.run("ALTER TABLE transactions ADD COLUMN place a_point")
    lite.run("CREATE INDEX odd ON transactions (abs(amount))")
    lite.run("DROP INDEX transactions_created_at_idx")
    lite.run("CREATE INDEX part ON transactions (created_at) WHERE amount > 5")
    lite.sell(1)
    lite.advance()

    assert lite.value("total_revenue") == 1
    assert "no index on created_at" in lite.parts.source.inspect().warnings[0]


def test_a_view_is_told_as_one(lite: OtherSales) -> None:
    lite.run("CREATE VIEW seen AS SELECT * FROM transactions")
    seen = replace(lite, declaration=lite.declaration.replace("table: transactions", "table: seen"))
    seen.sell(1)
    seen.advance()

    assert "seen is a view" in seen.parts.source.inspect().warnings[0]
    assert_state_equals_source(seen)
    seen.close()


def test_the_command_checks_a_declaration_against_the_file(
    lite: OtherSales, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "defs.yaml").write_text(lite.declaration)
    monkeypatch.setenv("KPI_SOURCE_URL", lite.source_url)
    monkeypatch.setenv("KPI_STATE_URL", lite.state_url)

    result = CliRunner().invoke(check_command, ["--spec", str(tmp_path / "defs.yaml"), "--connect"])

    assert result.exit_code == 0, result.output
    assert "every column is there" in result.output
    assert "SQLite keeps amount as floating point" in result.output
