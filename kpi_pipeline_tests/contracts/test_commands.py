"""The commands on another database, with the state in the embedded PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kpi_pipeline.embedded.cluster import close_cluster
from kpi_pipeline_tests.command import Command
from kpi_pipeline_tests.contracts.shops import OtherSales


@pytest.fixture
def command(other: OtherSales, tmp_path: Path) -> Iterator[Command]:
    command = Command(other, tmp_path)
    del command.environment["KPI_STATE_URL"]
    command.environment["KPI_HOME"] = str(tmp_path / "home")
    yield command
    close_cluster(tmp_path / "home")


def test_everything_works_without_a_state_url(other: OtherSales, command: Command) -> None:
    for k in range(10):
        other.sell("0.1", at=datetime.now(UTC) - timedelta(minutes=k))
    ran = [
        command.run("check", "--connect"),
        command.run("advance"),
        command.run("explain", "total_revenue", "--window", "lifetime", "--run"),
        command.run("doctor"),
    ]

    assert [code for code, _ in ran] == [0, 0, 0, 0], ran
    assert "every column is there" in ran[0][1]
    if other.source_url.startswith("sqlite"):
        assert "source 0.9999999999999999 of 10 rows: equal to 15 digits" in ran[2][1]
    else:
        assert "\nSET time_zone = '+00:00';\nSELECT coalesce(sum(`amount`), 0)" in ran[2][1]
        assert "source 1.00 of 10 rows: equal" in ran[2][1]
    assert "0 problem" in ran[3][1]
