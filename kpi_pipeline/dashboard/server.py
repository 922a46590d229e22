"""Runs the dashboard until it is asked to stop."""

import asyncio
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType

import uvicorn
from fastapi import FastAPI

from kpi_pipeline.model.errors import KpiError

GRACE_SECONDS = 2
BACKLOG = 2048
LOOK_SECONDS = 1.0
log = logging.getLogger(__name__)


class PortInUseError(KpiError):
    """Nobody can listen where the dashboard should; the message says why."""


class Server(uvicorn.Server):
    """Ends streams and whoever waits before it waits for what runs: some would never end."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Called once on the event loop, when a signal came."""
        self.config.app.state.house.close()  # type: ignore[union-attr]  # it is a FastAPI
        await super().shutdown(sockets)


def server_of(app: FastAPI) -> Server:
    """A server that writes no request down, because addresses may hold what nobody should read."""
    config = uvicorn.Config(
        app,
        ws="websockets-sansio",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    logging.getLogger("uvicorn.error").addFilter(_worth_telling)
    return Server(config)


def _worth_telling(record: logging.LogRecord) -> bool:
    """That a request was cut off because the process ends is no fault."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


def end_when_asked() -> None:
    """From here on SIGTERM and Ctrl-C end this process well: at once while nothing is served."""
    signal.signal(signal.SIGTERM, _done)
    signal.signal(signal.SIGINT, _done)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        PortInUseError: It cannot; says what to do.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise PortInUseError(
            f"cannot listen on {host}, port {port} ({error.strerror or error}). Stop the program "
            "that listens there, or choose another port with --port or KPI_DASHBOARD_PORT"
        ) from None


def run(
    app: FastAPI,
    place: socket.socket,
    changed: Callable[[], bool] = lambda: False,
    seconds: float = LOOK_SECONDS,
) -> bool:
    """Serve until SIGTERM or Ctrl-C (see `end_when_asked`), or until something has changed.

    Whoever calls in between the end of one app and the start of the next waits in the line of
    the socket, which stays open.

    Args:
        app: What to serve.
        place: Where.
        changed: Asked every so many seconds, from a thread.
        seconds: How often.

    Returns:
        Whether it ended because of a change.
    """
    server, ended, again = server_of(app), threading.Event(), threading.Event()

    def watch() -> None:
        while not ended.wait(seconds):
            if _asked(changed):
                again.set()
                server.should_exit = True
                return

    threading.Thread(target=watch, name="saves", daemon=True).start()
    server.run(sockets=[place.dup()])
    ended.set()
    return again.is_set()


def _asked(changed: Callable[[], bool]) -> bool:
    """Whatever goes wrong with one look, there is a next one."""
    try:
        return changed()
    except Exception:
        log.exception("whether a declaration was saved cannot be seen")
        return False


def _done(number: int, frame: FrameType | None) -> None:
    """After the server has ended it raises the signal again; before, there is nothing to end."""
    del number, frame
    sys.exit(0)
