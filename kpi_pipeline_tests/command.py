"""The real command in a process of its own, on a test's own databases."""

import os
import subprocess
import sys
from pathlib import Path

from kpi_pipeline_tests.notify.slack_peer import CHANNEL, TOKEN, SlackPeer
from kpi_pipeline_tests.sales import Sales

COMMAND = [sys.executable, "-m", "kpi_pipeline.cli"]


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
        return self._start(words[0], "--spec", str(self.file), *words[1:])

    def _start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*COMMAND, *words],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *words: str) -> tuple[int, str]:
        """Run it to its end; exit code and all that it printed."""
        process = self.start(*words)
        output, _ = process.communicate(timeout=120)
        return process.returncode, output

    def run_plain(self, *words: str) -> tuple[int, str]:
        """Run a command that takes no declaration."""
        process = self._start(*words)
        output, _ = process.communicate(timeout=120)
        return process.returncode, output

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
