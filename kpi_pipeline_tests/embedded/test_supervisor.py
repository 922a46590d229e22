"""`make dev`: everything starts together, and nothing is left behind."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from kpi_pipeline.embedded.cluster import PACKAGE_ROOT
from kpi_pipeline.embedded.dev import Dev, answers
from kpi_pipeline.embedded.filelock import try_lock
from kpi_pipeline.embedded.supervisor import AlreadyRunningError, PortInUseError, run_dev
from kpi_pipeline_tests.embedded.processes import eventually, processes_of

RUN = """
import os, sys
from pathlib import Path
from rich.console import Console
from kpi_pipeline.embedded.dev import Dev
from kpi_pipeline.embedded.supervisor import run_dev
home, port, page, shop = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), "shop" in sys.argv
dev = Dev(home=home, port=port, page_port=page, shop=shop, environment=os.environ)
sys.exit(run_dev(dev, Console(width=200)))
"""
DEFINITIONS = "import dagster as dg\ndefs = dg.Definitions()\n"
WORKSPACE = "load_from:\n  - python_file: nothing.py\n"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Supervisor:
    """A supervisor in a process of its own, as `make dev` starts it."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.home = folder / "home"
        self.log = folder / "dev.log"
        self.port = free_port()
        self.page_port = free_port()
        environment = {
            name: value for name, value in os.environ.items() if name != "DAGSTER_HOME"
        } | {"PYTHONPATH": str(PACKAGE_ROOT), "KPI_HOME": str(self.home)}
        ports = str(self.port), str(self.page_port)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", RUN, str(self.home), *ports, *words],
                cwd=folder,
                stdout=log,
                stderr=log,
                env=environment,
            )

    def says(self, words: str) -> bool:
        return words in self.log.read_text()

    def is_gone(self) -> bool:
        return eventually(lambda: not processes_of(self.home))


@pytest.fixture
def words() -> tuple[str, ...]:
    """A year of the shop costs seconds: a test that wants it says so."""
    return ()


@pytest.fixture
def supervisor(tmp_path: Path, words: tuple[str, ...]) -> Iterator[Supervisor]:
    (tmp_path / "workspace.yaml").write_text(WORKSPACE)
    (tmp_path / "nothing.py").write_text(DEFINITIONS)
    (tmp_path / "dagster.yaml").write_text((PACKAGE_ROOT / "dagster.yaml").read_text())
    supervisor = Supervisor(tmp_path, *words)
    yield supervisor
    supervisor.process.kill()
    supervisor.process.wait()


@pytest.mark.parametrize("words", [("shop",)])
def test_it_runs_until_ctrl_c_and_leaves_no_process(supervisor: Supervisor) -> None:
    assert eventually(lambda: supervisor.says("Ready"), seconds=120), supervisor.log.read_text()
    assert answers(f"http://127.0.0.1:{supervisor.port}")
    page = f"http://127.0.0.1:{supervisor.page_port}"
    assert supervisor.log.read_text().partition("Ready")[0].count(f"{page}\n") == 1
    assert answers(f"http://127.0.0.1:{supervisor.page_port}", "/healthz")
    announced = supervisor.log.read_text().partition("Ready")[2]
    assert announced.index(str(supervisor.page_port)) < announced.index(str(supervisor.port))
    assert eventually(lambda: supervisor.says("loaded 155,848 baskets"))

    supervisor.process.send_signal(signal.SIGINT)

    assert supervisor.process.wait(120) == 0
    assert not processes_of(supervisor.home)


@pytest.mark.skipif(sys.platform != "linux", reason="a parent's death is told on Linux only")
def test_a_killed_supervisor_leaves_no_process(supervisor: Supervisor) -> None:
    assert eventually(lambda: supervisor.says("Launching Dagster services"), seconds=120)

    supervisor.process.kill()

    assert supervisor.is_gone()


def test_a_child_that_ends_by_itself_ends_all_and_is_named_last(supervisor: Supervisor) -> None:
    assert eventually(lambda: supervisor.says("KPIs of"), seconds=120)

    for child in psutil.Process(supervisor.process.pid).children(recursive=True):
        if "serve" in child.cmdline():
            child.terminate()

    assert supervisor.process.wait(120) == 1  # more than all that it waits for together
    last = " ".join(supervisor.log.read_text().split()).rpartition("The page ended")[2]
    assert last.startswith(" by itself with exit code 0, and so everything was stopped")


def test_two_ctrl_c_in_a_row_leave_no_process(supervisor: Supervisor) -> None:
    assert eventually(lambda: supervisor.says("Launching Dagster services"), seconds=120)

    supervisor.process.send_signal(signal.SIGINT)
    assert eventually(lambda: supervisor.says("Stopping"))
    supervisor.process.send_signal(signal.SIGINT)

    assert supervisor.process.wait(120) == 0
    assert not processes_of(supervisor.home)


def test_a_port_in_use_is_told_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        dev = Dev(home=tmp_path / "home", port=taken.getsockname()[1], environment={})

        with pytest.raises(PortInUseError, match="KPI_PORT"):
            run_dev(dev, Console())

    assert not (tmp_path / "home").exists()


def test_a_second_one_on_the_same_home_is_refused_before_anything_starts(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    lock = try_lock(home / "dev.lock", exclusive=True)
    assert lock is not None

    with pytest.raises(AlreadyRunningError, match="already runs"):
        run_dev(Dev(home=home, port=free_port(), environment={}), Console())

    os.close(lock)
    assert [path.name for path in home.iterdir()] == ["dev.lock"]
