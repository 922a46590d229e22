"""The process that owns an embedded PostgreSQL: `python -m kpi_pipeline.embedded.keeper HOME`.

Started by the first user of a cluster, see `cluster.py`. It alone imports the server's package.
"""

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from kpi_pipeline.embedded.filelock import try_lock
from kpi_pipeline.embedded.home import Home
from kpi_pipeline.embedded.postmaster import Postmaster, open_postmaster
from kpi_pipeline.model.errors import KpiError

POLL_SECONDS = 0.2


def main(arguments: list[str]) -> int:
    """Serve until the last user has gone or SIGTERM comes; 0 unless the server did not start."""
    parser = argparse.ArgumentParser(prog="keeper", description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--lock", type=int, help="an inherited descriptor that holds keeper.lock")
    options = parser.parse_args(arguments)
    place = Home.at(options.home)
    lock = options.lock
    if lock is None:
        lock = try_lock(place.keeper_lock, exclusive=True)
    if lock is None:
        return 0  # another keeper serves
    os.set_inheritable(lock, False)  # noqa: FBT003  positional only
    try:
        _serve(place, _terminated())
    except KpiError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _terminated() -> threading.Event:
    """An event that SIGTERM sets; a Ctrl-C meant for a user does not reach the server."""
    stop = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    return stop


def _serve(place: Home, stop: threading.Event) -> None:
    """Run the server, and stop it before this process gives its locks back."""
    postmaster = open_postmaster(place.data)
    users: int | None = None
    try:
        while users is None and not stop.is_set():
            _keep_ready(place, postmaster)
            stop.wait(POLL_SECONDS)
            # Got it: nobody uses the server. Who comes now waits for the lock, so sees no
            # server that is about to stop.
            users = try_lock(place.users_lock, exclusive=True)
    finally:
        place.withdraw()
        postmaster.stop()


def _keep_ready(place: Home, postmaster: Postmaster) -> None:
    """Start the server, or start it again after a crash."""
    if place.published() is None or postmaster.process() is None:
        place.withdraw()
        postmaster.ensure()
        place.publish(postmaster.socket)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
