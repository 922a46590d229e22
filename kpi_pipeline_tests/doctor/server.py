"""A PostgreSQL of a test's own, that listens on the network and can be copied as a standby."""

import shutil
import socket
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

with warnings.catch_warnings(action="ignore"):  # a machine without a session's runtime folder
    from kpi_pipeline.embedded.postmaster import Postmaster, open_postmaster

SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One running server.

    Attributes:
        port: It listens on every address.
    """

    programs: Postmaster
    port: int

    def url(self, host: str, database: str = "postgres") -> str:
        """The SQLAlchemy URL of a database, by one of this machine's addresses."""
        return f"postgresql+psycopg://postgres@{host}:{self.port}/{database}"


@contextmanager
def network_server(folder: Path) -> Iterator[Server]:
    """A server that holds prepared transactions and trusts everybody."""
    programs = open_postmaster(folder)
    with (folder / "pg_hba.conf").open("a") as rules:
        rules.write("host all all all trust\nhost replication all all trust\n")
    with _running(programs) as server:
        yield server


@contextmanager
def standby_of(primary: Server, folder: Path) -> Iterator[Server]:
    """A hot standby of the server."""
    account = primary.programs.account
    folder.mkdir(mode=0o700)
    if account is not None:
        shutil.chown(folder, account)
    source = f"host=127.0.0.1 port={primary.port} user=postgres"
    backup = [str(primary.programs.binaries / "pg_basebackup"), "-R", "-c", "fast"]
    subprocess.run(
        [*backup, "-d", source, "-D", str(folder)],
        user=account,
        cwd="/",
        check=True,
        timeout=SECONDS,
    )
    programs = Postmaster(
        data=folder, socket=folder, binaries=primary.programs.binaries, account=account
    )
    with _running(programs) as server:
        yield server


@contextmanager
def _running(programs: Postmaster) -> Iterator[Server]:
    port = _free_port()
    options = (
        "listen_addresses=*", f"port={port}", "unix_socket_directories=",
        "max_prepared_transactions=3", "fsync=off",
    )  # fmt: skip
    words = [word for option in options for word in ("-c", option)]
    process = subprocess.Popen(
        [str(programs.binaries / "postgres"), "-D", str(programs.data), *words],
        user=programs.account,
        cwd="/",
        stdin=subprocess.DEVNULL,
    )
    try:
        server = Server(programs=programs, port=port)
        _wait(server, process)
        yield server
    finally:
        process.send_signal(2)  # fast shutdown
        process.wait(SECONDS)


def _wait(server: Server, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            psycopg.connect(f"host=127.0.0.1 port={server.port} user=postgres").close()
        except psycopg.OperationalError:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def network_address() -> str | None:
    """An address of this machine that is not loopback; None where there is none."""
    for addresses in psutil.net_if_addrs().values():
        for found in addresses:
            if found.family == socket.AF_INET and not found.address.startswith("127."):
                return found.address
    return None
