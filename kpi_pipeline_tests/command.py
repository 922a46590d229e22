"""The real command on a test's own databases: in this process, or in one of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from kpi_pipeline.cli.main import main
from kpi_pipeline_tests.notify.slack_peer import CHANNEL, TOKEN, SlackPeer
from kpi_pipeline_tests.sales import Sales

COMMAND = [sys.executable, "-m", "kpi_pipeline.cli"]


def run_here(words: tuple[str, ...], environment: Mapping[str, str]) -> tuple[int, str]:
    """Run the command within this process; exit code and all that it printed.

    A process of its own takes seconds to import what is here already.
    """
    output, code = StringIO(), 0
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with pytest.MonkeyPatch.context() as patched, redirect_stdout(output), redirect_stderr(output):
        patched.setattr(sys, "argv", ["kpi-pipeline", *words])
        for name in os.environ.keys() - environment.keys():
            patched.delenv(name)
        for name, value in environment.items():
            patched.setenv(name, value)
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
    return code, output.getvalue()


class Command:
    """Runs `kpi-pipeline` for one shop, with Slack at a local peer if there is one."""

    def __init__(self, sales: Sales, folder: Path, peer: SlackPeer | None = None) -> None:
        self.folder = folder / "sales"
        self.folder.mkdir(parents=True)
        self.file = self.folder / "defs.yaml"
        self.file.write_text(sales.declaration)
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("SLACK_")},
            "KPI_SOURCE_URL": sales.source_url,
            "KPI_STATE_URL": sales.state_url,
        }
        if peer is not None:
            slack = {"SLACK_BOT_TOKEN": TOKEN, "SLACK_CHANNEL": CHANNEL}
            self.environment |= slack | {"SLACK_API_URL": peer.api_url}

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start it; the caller waits for it or kills it."""
        return subprocess.Popen(
            [*COMMAND, words[0], "--spec", str(self.file), *words[1:]],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *words: str) -> tuple[int, str]:
        """Run it to its end, in this process; exit code and all that it printed."""
        return self.run_plain(words[0], "--spec", str(self.file), *words[1:])

    def run_apart(self, *words: str) -> tuple[int, str]:
        """The same in a process of its own."""
        process = self.start(*words)
        output, _ = process.communicate(timeout=120)
        return process.returncode, output

    def run_plain(self, *words: str) -> tuple[int, str]:
        """Run a command that takes no declaration."""
        return run_here(words, self.environment)

    def script(self, code: str) -> int:
        """Run Python against the same databases; its exit code, negative for a signal."""
        done = subprocess.run(
            [sys.executable, "-c", code, str(self.file)],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        print(done.stdout, done.stderr)
        return done.returncode
