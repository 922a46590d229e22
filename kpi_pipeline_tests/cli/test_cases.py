"""`kpi-pipeline test` as a person types it, on a real server."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from kpi_pipeline.embedded.cluster import Cluster
from kpi_pipeline_tests.command import run_here
from kpi_pipeline_tests.sales import DECLARATION

ROOT = Path(__file__).parents[2]
CASE = """\
cases:
  two sales:
    as_of: 2026-03-01 12:30
    rows:
      - {created_at: 2026-03-01 12:00, amount: 10.50, transaction_type: DELI, user_id: 1}
      - {created_at: 2026-03-01 12:10, amount: 2, transaction_type: MEAT, user_id: 2}
    expect:
      today: {total_revenue: 12.50, revenue_by_type: {DELI: 10.50, MEAT: 2}}
"""


@dataclass(frozen=True)
class Bench:
    """A pipeline's folder, and the command run on it with the session's server."""

    folder: Path
    environment: dict[str, str]

    def write(self, text: str, name: str = "cases.yaml") -> Path:
        file = self.folder / "tests" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        return file

    def run(self, *words: str, **environment: str) -> tuple[int, str]:
        return run_here(("test", *words), self.environment | environment)


@pytest.fixture
def bench(postgres: Cluster, tmp_path: Path) -> Bench:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "defs.yaml").write_text(DECLARATION)
    plain = {key: value for key, value in os.environ.items() if not key.startswith("KPI_")}
    return Bench(folder, plain | {"KPI_HOME": str(postgres.home), "COLUMNS": "120"})


@pytest.fixture
def databases(postgres: Cluster) -> Callable[[], set[str]]:
    def names() -> set[str]:
        with psycopg.connect(postgres.dsn("postgres")) as connection:
            found = connection.execute("SELECT datname FROM pg_database").fetchall()
        return {str(row[0]) for row in found}

    return names


def test_the_demos_own_cases_pass(bench: Bench) -> None:
    code, output = bench.run()

    assert code == 0, output
    assert "passed refunds lower revenue, and count as transactions" in output
    assert "9 passed in" in output
    assert "passed a blip is nobody's problem" in output


def test_cases_that_hold_pass_and_leave_nothing_behind(
    bench: Bench, databases: Callable[[], set[str]]
) -> None:
    bench.write(CASE)
    before = databases()

    code, output = bench.run(str(bench.folder))

    assert code == 0, output
    assert "passed two sales" in output
    assert databases() == before


def test_a_case_that_fails_shows_expected_and_actual_and_the_others_go_on(bench: Bench) -> None:
    bench.write(CASE.replace("DELI: 10.50, MEAT: 2", "DELI: 10.49, FUEL: 2"), "a.yaml")
    bench.write(CASE.replace("two sales", "the same"), "b.yaml")

    code, output = bench.run(str(bench.folder))

    assert code == 1
    assert "FAILED two sales" in output
    assert "a.yaml:2" in output
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in output.splitlines()]
    assert ["revenue_by_type", "today", "DELI", "10.49", "10.50"] in rows
    assert ["revenue_by_type", "today", "FUEL", "2", "no such group"] in rows
    assert ["revenue_by_type", "today", "MEAT", "no such group", "2"] in rows
    assert "passed the same" in output
    assert "1 passed, 1 failed" in output


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("user_id: 2", "user_od: 2", "cases.yaml:6: cases.two sales.rows.1.user_od: unknown col"),
        ("today: {", "tody: {", "cases.yaml:8: cases.two sales.expect.tody: unknown window"),
        ("as_of: 2026", "as_of: 2025", "cases.yaml:3: cases.two sales.as_of: lies before every"),
        (
            "    rows:",
            "    columns: {user_id: smallint}\n    rows:",
            'cases.yaml:7: the table refuses the row: user_id: value "99999" is out of range',
        ),
        (
            "    rows:",
            "    columns: {amount: text}\n    rows:",
            "cases.yaml:2: the rows cannot be aggregated: ",
        ),
        (
            "    rows:",
            "    columns: {a: char(0)}\n    rows:",
            "cases.yaml:2: the columns make no table: length for type char must be at least 1",
        ),
    ],
)
def test_a_wrong_file_is_told_with_its_line(bench: Bench, old: str, new: str, said: str) -> None:
    text = CASE.replace(old, new)
    bench.write(text.replace("user_id: 2", "user_id: 99999") if "smallint" in new else text)

    code, output = bench.run(str(bench.folder))

    assert code == 2, output
    assert said in output
    assert "Traceback" not in output


def test_no_cases_says_where_to_write_them(bench: Bench) -> None:
    code, output = bench.run(str(bench.folder))

    assert code == 2
    assert "no test cases; write them into tests/NAME.yaml beside defs.yaml" in output


def test_what_is_not_there_is_told(bench: Bench) -> None:
    code, output = bench.run("nowhere")

    assert code == 2
    assert "nowhere: no such file, folder or pipeline" in output


def test_a_file_alone_its_folder_and_the_folder_above_find_the_same(bench: Bench) -> None:
    file = bench.write(CASE)
    places = (file, file.parent, bench.folder, bench.folder / "defs.yaml", bench.folder.parent)

    for place in places:
        code, output = bench.run(str(place))

        assert (code, "1 passed" in output) == (0, True), output


def test_a_file_far_from_any_declaration_is_told(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "alone.yaml"
    file.write_text(CASE)

    code, output = bench.run(str(file))

    assert code == 2
    assert "no defs.yaml beside it or above it" in output


def test_thousands_of_rows_are_a_matter_of_seconds(bench: Bench) -> None:
    row = "      - {{created_at: 2026-03-01 12:{:02}, amount: 0.01, user_id: {}}}\n"
    rows = "".join(row.format(k % 30, k % 700) for k in range(5000))
    start, end = CASE.index("      - "), CASE.index("    expect")
    text = CASE[:start] + rows + CASE[end:]
    bench.write(
        text[: text.index("      today")]
        + "      today: {total_revenue: 50.00, unique_users: 700, transaction_count: 5000}\n"
    )

    code, output = bench.run(str(bench.folder))

    assert code == 0, output


def test_keys_defaults_and_other_types_go_into_the_table(bench: Bench) -> None:
    declared = DECLARATION.replace("filter: amount >= 50", "filter: paid AND amount >= 50")
    (bench.folder / "defs.yaml").write_text(declared.replace("public.trans", "Odd shop.trans"))
    bench.write("""
cases:
  types:
    as_of: 2026-03-01 12:30
    columns: {note: jsonb}
    rows:
      - {transaction_id: 7, created_at: 2026-03-01 12:00, amount: 50, paid: true, note: {a: 1}}
      - {created_at: 2026-03-01 12:01, amount: 60, paid: false}
      - {}
    expect:
      today: {big_orders: 1, transaction_count: 2, largest: 60, revenue_by_type: {null: 110}}
""")

    code, output = bench.run(str(bench.folder))

    assert code == 0, output


def test_another_server_may_be_named(bench: Bench, postgres: Cluster, tmp_path: Path) -> None:
    bench.write(CASE)

    code, output = bench.run(
        str(bench.folder), KPI_HOME=str(tmp_path / "home"), KPI_TEST_URL=postgres.url("postgres")
    )

    assert code == 0, output
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://me:s3cr3t@127.0.0.1:1/x", "no scratch database: "),
        ("mariadb://127.0.0.1/x", "KPI_TEST_URL names 'mariadb'; tests run on PostgreSQL"),
        ("nonsense", "KPI_TEST_URL is not a database URL"),
    ],
)
def test_a_server_that_will_not_do_is_told(bench: Bench, url: str, said: str) -> None:
    bench.write(CASE)

    code, output = bench.run(str(bench.folder), KPI_TEST_URL=url)

    assert code == 1
    assert said in output
    assert "s3cr3t" not in output
    assert "Traceback" not in output
