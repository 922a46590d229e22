"""Runs a command that ends when the process that started it does.

`python -m kpi_pipeline.embedded.leash PARENT COMMAND...`, where PARENT is the starter's pid.
It also gives SIGINT its default meaning back: a shell that starts something with `&` makes it
ignore SIGINT, and a command that inherits that cannot be stopped with it.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def command(words: list[str]) -> list[str]:
    """The command that runs `words` on a leash held by this process."""
    return [sys.executable, "-m", "kpi_pipeline.embedded.leash", str(os.getpid()), *words]


def main(arguments: list[str]) -> None:
    """Become the command; ends at once if the parent is dead already."""
    parent, *words = arguments
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != int(parent):  # it died before the leash was on
            return
    os.execvp(words[0], words)  # noqa: S606  no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
