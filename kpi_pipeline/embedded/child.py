"""A child process and all that it starts, in a process group of their own."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from kpi_pipeline.embedded import leash

POLL_SECONDS = 0.1
KILL_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Child:
    """One running command.

    Attributes:
        name: What to call it in messages.
        process: The leader of its group.
    """

    name: str
    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls, name: str, words: list[str], environment: Mapping[str, str]) -> "Child":
        """Start a command; a Ctrl-C in the terminal does not reach it, our end does."""
        process = subprocess.Popen(  # noqa: S603  our own commands
            leash.command(words),
            stdin=subprocess.DEVNULL,
            env=dict(environment),
            start_new_session=True,
        )
        return cls(name, process)

    def ended(self) -> int | None:
        """The exit code, or None while it runs."""
        return self.process.poll()

    def send(self, number: signal.Signals) -> None:
        """Signal the command and everything in its group."""
        with suppress(ProcessLookupError, PermissionError):  # macOS: EPERM for a zombie
            os.killpg(self.process.pid, number)

    def gone(self) -> bool:
        """Whether the command and everything in its group has ended."""
        ended = self.process.poll() is not None
        try:
            os.killpg(self.process.pid, 0)
        except (ProcessLookupError, PermissionError):
            return ended
        return False


def stop_all(children: list[Child], *, seconds: float, hurry: Callable[[], bool]) -> None:
    """End the children together: SIGTERM, then SIGKILL when time or patience is over."""
    for child in children:
        # Only the leader: it knows how to stop its own children in order.
        with suppress(ProcessLookupError):
            child.process.terminate()
    deadline = time.monotonic() + seconds
    while not all(child.gone() for child in children):
        if time.monotonic() > deadline + KILL_SECONDS:
            return  # zombies that their new parent does not collect
        if time.monotonic() > deadline or hurry():
            for child in children:
                child.send(signal.SIGKILL)
        time.sleep(POLL_SECONDS)
