"""A PostgreSQL server of a test's own, to be killed, wound forward or promoted at will."""

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg

from kpi_pipeline.embedded.cluster import Cluster
from kpi_pipeline_tests.postgres.binaries import account, programs

START_SECONDS = 60.0
INIT = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "max_prepared_transactions": "20",
    "shared_buffers": "32MB",
    "fsync": "off",  # a killed server loses nothing by it, only a machine would
}


@dataclass(kw_only=True)
class Scratch:
    """One server; its data, its socket and its log lie in one temporary folder.

    Attributes:
        room: The temporary folder.
        binaries: The folder of PostgreSQL's programs.
        account: The system user to run as, or None for the present one.
        settings: Over those that every scratch server has.
    """

    room: Path
    binaries: Path
    account: str | None
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.room / "data"

    @property
    def cluster(self) -> Cluster:
        """How to reach it."""
        return Cluster(home=self.room, socket=self.room)

    def start(self) -> None:
        """Start it, and wait until it takes connections; recovery may take a moment."""
        settings = {**SETTINGS, **self.settings, "unix_socket_directories": str(self.room)}
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        with (self.room / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.binaries / "postgres"), "-D", str(self.data), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.room,
                user=self.account,
                start_new_session=True,
            )
        self._wait()

    def stop(self) -> None:
        """End it by a fast shutdown, and wait for its end."""
        if self.process is not None:
            for child in self._children():
                with suppress(psutil.NoSuchProcess):
                    child.resume()
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)
            self.process = None

    def kill(self) -> None:
        """`kill -9` the postmaster and what it started; what was not flushed is forgotten."""
        assert self.process is not None
        children = self._children()
        self.process.kill()
        self.process.wait(30)
        self.process = None
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        psutil.wait_procs(children, timeout=30)

    def hold_flushing(self) -> None:
        """From now on only commits that wait for the disk are flushed to it."""
        for child in self._children():
            with suppress(psutil.NoSuchProcess):
                if "walwriter" in " ".join(child.cmdline()):
                    child.suspend()

    def _children(self) -> list[psutil.Process]:
        if self.process is None or self.process.poll() is not None:
            return []
        return psutil.Process(self.process.pid).children()

    def tool(self, name: str, *words: str) -> None:
        """Run one of PostgreSQL's programs, as the server's user."""
        done = subprocess.run(
            [str(self.binaries / name), *words],
            capture_output=True,
            text=True,
            cwd=self.room,
            user=self.account,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def run(self, statement: str) -> object:
        """Run one statement outside of a transaction; its first value, if it returns one."""
        with psycopg.connect(self.cluster.dsn("postgres"), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process and self.process.poll() is None:
            try:
                psycopg.connect(self.cluster.dsn("postgres")).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError((self.room / "log").read_text()[-3000:])


@contextmanager
def scratch_server(version: int, **settings: str) -> Iterator[Scratch]:
    """A new, running server; gone with all its data at the end."""
    with scratch_room(version) as scratch:
        scratch.settings = settings
        scratch.tool("initdb", "-D", str(scratch.data), *INIT)
        scratch.start()
        yield scratch


@contextmanager
def scratch_room(version: int) -> Iterator[Scratch]:
    """A server without data, that is not started; stopped and removed at the end.

    Not below pytest's own folders: their paths are too long for a socket, and no other user
    may pass through them.
    """
    room = Path(tempfile.mkdtemp(prefix="kpi-pg-"))
    try:
        binaries = programs(version, room)
        scratch = Scratch(room=room, binaries=binaries, account=account(room, binaries))
        try:
            yield scratch
        finally:
            scratch.stop()
    finally:
        shutil.rmtree(room, ignore_errors=True)
