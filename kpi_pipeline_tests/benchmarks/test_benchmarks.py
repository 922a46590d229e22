import json
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from benchmarks import data
from benchmarks.__main__ import main
from benchmarks.figures import FIGURES, chosen
from benchmarks.server import Server
from benchmarks.sizes import SIZES
from benchmarks.stopwatch import Timed, interleaved, medians, ratio
from benchmarks.totals import Totals
from kpi_pipeline.embedded.cluster import Cluster

CHECKSUM = "SELECT count(*), sum(amount), count(DISTINCT user_id) FROM transactions"
ROWS = 2_000


@pytest.mark.timeout(900)  # half a minute on a machine that does nothing else
def test_every_figure_is_measured_at_a_toy_size_and_all_methods_agree(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["--size", "toy", "--rounds", "1", "--out", str(tmp_path)])

    assert done.exit_code == 0, done.output
    assert f"toy: {ROWS:,} rows" in done.output
    written = json.loads((tmp_path / "toy.json").read_text())
    measured = {figure.name for figure in FIGURES if not figure.asked}
    assert measured == set(written["figures"])
    (agreement,) = written["figures"]["agreement"]["lines"]
    assert agreement["met"] is True
    assert f"{ROWS:,} rows" in agreement["measured"]
    for figure in written["figures"].values():
        assert all(line["measured"] for line in figure["lines"])


def test_the_same_rows_are_made_each_time_whatever_the_moment(postgres: Cluster) -> None:
    server, found = Server(postgres), set()
    for end in (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)):
        with server.database() as name:
            data.create(server.dsn(name), ROWS, end)
            with psycopg.connect(server.dsn(name)) as connection:
                found.add(connection.execute(CHECKSUM).fetchone())

    assert len(found) == 1


def test_a_method_that_says_something_else_does_not_agree() -> None:
    right = Totals(count=2, total=5, by_type={"FOOD": 5}, users=2)

    assert right.agrees(Totals(count=2, total=5, by_type={"FOOD": 5}, users=None))
    assert not right.agrees(Totals(count=2, total=5, by_type={"FOOD": 5}, users=1))
    assert not right.agrees(Totals(count=2, total=4, by_type={"FOOD": 5}, users=2))


def test_methods_take_turns_and_ratios_compare_within_a_round() -> None:
    asked: list[str] = []

    def method(name: str, taken: float) -> Timed:
        def run() -> float:
            asked.append(name)
            return taken * (1 + len(asked) // 2)  # a machine that gets slower

        return run

    times = interleaved({"slow": method("slow", 4.0), "fast": method("fast", 1.0)}, 3)

    assert asked == ["slow", "fast", "fast", "slow", "slow", "fast"]
    assert medians(times)["fast"] == pytest.approx(2.0)
    assert ratio(times, "slow", "fast") == pytest.approx(3.0)


def test_only_what_is_named_is_measured_and_agreement_comes_first() -> None:
    small = SIZES["small"]

    named = [figure.name for figure in chosen(["tick"], small, check=True)]
    assert named == ["agreement", "tick"]
    alone = [figure.name for figure in chosen(["tick"], small, check=False)]
    assert alone == ["tick"]
    assert "latency" not in {figure.name for figure in chosen([], small, check=True)}
