"""A real MariaDB of the tests' own: a socket in a temporary folder, no port, no service."""

import getpass
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

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
    data, socket = home / "data", home / "socket"
    user, server = f"--user={getpass.getuser()}", _found(SERVER)
    # No command here reads settings of this machine's own MariaDB.
    own = ("--no-defaults", f"--datadir={data}", user)
    normal = "--auth-root-authentication-method=normal"
    log = home / "log"
    with log.open("wb") as out:
        subprocess.run([_found(INSTALL), *own, normal], check=True, stdout=out, stderr=out)
        process = subprocess.Popen(
            [server, *own, *LIGHT, f"--socket={socket}", f"--pid-file={home / 'pid'}"],
            stdout=out,
            stderr=out,
        )
    try:
        url = f"mariadb://{{user}}@localhost/{{database}}?unix_socket={socket}"
        _await(url.format(user="root", database=""), process)
        yield url
    finally:
        process.terminate()
        process.wait(SECONDS)


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    engine = create_engine(url.replace("mariadb:", "mariadb+pymysql:"))
    end = time.monotonic() + SECONDS
    while True:
        try:
            with engine.connect() as connection:
                connection.execute(text("SELECT 1"))
            break
        except OperationalError:
            if process.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.05)
    engine.dispose()


def _found(command: str) -> str:
    return shutil.which(command, path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin") or ""
