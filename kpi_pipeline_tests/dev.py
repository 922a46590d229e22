"""What `make dev` starts, on a copy of the project."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Self

from sqlalchemy import create_engine, text

from kpi_pipeline.embedded.cluster import Cluster
from kpi_pipeline.embedded.home import Home
from kpi_pipeline_tests.dagster_ui import DagsterUi
from kpi_pipeline_tests.embedded.processes import processes_of
from kpi_pipeline_tests.notify.slack_peer import CHANNEL, TOKEN, SlackPeer

ROOT = Path(__file__).parents[1]


class Dev:
    """`kpi-pipeline dev` on a copy of the project, ticking every 30 s, with Slack at a peer."""

    def __init__(self, folder: Path, peer: SlackPeer) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.log = folder / "dev.log"
        self.peer = peer
        self.port = _free_port()
        self.page_port = _free_port()
        self.ui = DagsterUi(f"http://127.0.0.1:{self.port}")
        self._copy_project()
        self.process = self.start()

    @property
    def page(self) -> str:
        """The live page."""
        return f"http://127.0.0.1:{self.page_port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()

    def start(self) -> subprocess.Popen[bytes]:
        """Start it, as `make dev` does."""
        dropped = ("DAGSTER", "KPI_", "SLACK_")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(dropped)}
        settings = {
            "PYTHONPATH": str(self.folder),
            "KPI_HOME": str(self.home),
            "KPI_PORT": str(self.port),
            "KPI_DASHBOARD_PORT": str(self.page_port),
            "KPI_DEMO_RATE": "0.3",
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_CHANNEL": CHANNEL,
            "SLACK_API_URL": self.peer.api_url,
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "kpi_pipeline.cli", "dev"],
                cwd=self.folder,
                env=kept | settings,
                stdout=log,
                stderr=log,
            )
        return self.process

    def stop(self) -> int:
        """Stop it with SIGTERM and wait; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def left(self) -> list[str]:
        """Processes that still use its home."""
        return processes_of(self.home)

    def source_total(self) -> str:
        """The shop's own total; looks without becoming a user who keeps the server alive."""
        socket = Home.at(self.home).published()
        assert socket is not None
        engine = create_engine(Cluster(home=self.home, socket=socket).url("shop"))
        with engine.connect() as connection:
            found = connection.execute(text("SELECT sum(amount) FROM transactions")).scalar()
        engine.dispose()
        return f"{found:,.2f}"

    def _copy_project(self) -> None:
        for name in ("pyproject.toml", "workspace.yaml", "dagster.yaml"):
            shutil.copy(ROOT / name, self.folder / name)
        package = self.folder / "kpi_pipeline"
        shutil.copytree(
            ROOT / "kpi_pipeline", package, ignore=shutil.ignore_patterns("__pycache__")
        )
        file = package / "defs" / "sales" / "defs.yaml"
        assert "every: 1m " in file.read_text()
        file.write_text(file.read_text().replace("every: 1m ", "every: 30s "))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
