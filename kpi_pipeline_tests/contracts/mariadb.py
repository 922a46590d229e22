"""A real MariaDB of the tests' own: a socket in a temporary folder, no port, no service."""

import getpass
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

INSTALL = "mariadb-install-db"
SERVER = "mariadbd"
LIGHT = (
    "--skip-networking",
    "--skip-log-bin",
    "--innodb-buffer-pool-size=64M",
    "--innodb-flush-log-at-trx-commit=0",
)
SECONDS = 60


def installed() -> bool:
    """Whether there is a MariaDB server here."""
    return bool(_found(SERVER) and _found(INSTALL))


@contextmanager
def server(home: Path) -> Iterator[str]:
    """Run a server until the block ends; yields a URL with `{user}` and `{database}` to fill in."""
    data, address = home / "data", home / "socket"
    user, server = f"--user={getpass.getuser()}", _found(SERVER)
    # No command here reads settings of this machine's own MariaDB.
    own = ("--no-defaults", f"--datadir={data}", user)
    normal = "--auth-root-authentication-method=normal"
    log = home / "log"
    with log.open("wb") as out:
        subprocess.run([_found(INSTALL), *own, normal], check=True, stdout=out, stderr=out)
        process = subprocess.Popen(
            [server, *own, *LIGHT, f"--socket={address}", f"--pid-file={home / 'pid'}"],
            stdout=out,
            stderr=out,
        )
    try:
        _await(address, process)
        yield f"mariadb://{{user}}@localhost/{{database}}?unix_socket={address}"
    finally:
        process.terminate()
        process.wait(SECONDS)


def _await(address: Path, process: subprocess.Popen[bytes]) -> None:
    """The driver leaks its socket where nobody listens yet, so a plain one knocks."""
    end = time.monotonic() + SECONDS
    while True:
        with socket.socket(socket.AF_UNIX) as knock:
            if knock.connect_ex(str(address)) == 0:
                return
        if process.poll() is not None or time.monotonic() > end:
            pytest.fail("mariadbd does not start; what it said is in its log")
        time.sleep(0.05)


def _found(command: str) -> str:
    return shutil.which(command, path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin") or ""
