"""`kpi-pipeline serve` as a process: where it listens, what it keeps secret, how it ends."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from kpi_pipeline.config import SettingsError, read_settings
from kpi_pipeline.dashboard.server import PortInUseError, listen
from kpi_pipeline.dashboard.token import FILE, TokenError, kept_token
from kpi_pipeline_tests.dashboard.running import eventually
from kpi_pipeline_tests.sales import DECLARATION, Sales

CLIENTS = 50


def test_sigterm_ends_it_though_fifty_pages_are_open(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    command = [sys.executable, "-m", "kpi_pipeline_tests.dashboard.gallery", "--port", str(port)]
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file)
    try:
        with ExitStack() as stack:
            pages = [stack.enter_context(page(port)) for _ in range(CLIENTS)]
            assert all(b"text/event-stream" in one.recv(4096) for one in pages)

            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            for one in pages:
                while one.recv(65_536):
                    pass
            ended = time.monotonic() - began
            code = process.wait(15)
            took = time.monotonic() - began
    finally:
        process.kill()
        process.wait()

    print(f"SIGTERM with {CLIENTS} streams: they end in {ended:.2f} s, the process in {took:.2f} s")
    assert (code, ended < 3) == (0, True), log.read_text()
    assert "Cancel" not in log.read_text()


def page(port: int) -> socket.socket:
    """An open stream; waits until the server listens."""
    connections: list[socket.socket] = []

    def connected() -> bool:
        try:
            connections.append(socket.create_connection(("127.0.0.1", port), timeout=10))
        except OSError:
            return False
        return True

    eventually(connected, 60)
    connections[0].sendall(b"GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    return connections[0]


@contextmanager
def serve(sales: Sales, home: Path, *words: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The command as a process that listens, and its port."""
    port = free_port()
    environment = {name: v for name, v in os.environ.items() if not name.startswith("KPI_")}
    environment |= {
        "KPI_SOURCE_URL": sales.source_url,
        "KPI_STATE_URL": sales.state_url,
        "KPI_HOME": str(home),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "kpi_pipeline.cli", "serve", "--port", str(port), *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        eventually(lambda: healthy(port), 60)
        yield port, process
    finally:
        process.kill()
        process.wait(15)


def body(port: int, path: str) -> Any:  # noqa: ANN401 - JSON
    return httpx.get(f"http://127.0.0.1:{port}/api/v1/{path}", timeout=15).json()


def test_the_command_serves_what_is_declared_and_says_where(sales: Sales, tmp_path: Path) -> None:
    sales.sell(18)
    sales.advance()
    home = tmp_path / "home"
    with serve(sales, home, "--spec", "sales") as (port, process):
        token = (home / FILE).read_text().strip()
        found = httpx.get(f"http://127.0.0.1:{port}/api/v1/snapshot?x={token}", timeout=15)
        snapshot = body(port, "snapshot")
        process.terminate()
        said, _ = process.communicate(timeout=15)

    assert found.status_code == 422
    assert (snapshot["pipeline"], snapshot["revision"] > 0) == ("sales", True)
    assert f"KPIs of sales: http://127.0.0.1:{port}" in said.decode()
    assert FILE in said.decode()
    assert token not in said.decode()


def test_a_save_counts_at_once_unless_it_is_wrong(sales: Sales, tmp_path: Path) -> None:
    sales.sell(18)
    sales.advance()
    file = tmp_path / "sales" / "defs.yaml"
    file.parent.mkdir()
    file.write_text(DECLARATION)
    with serve(sales, tmp_path / "home", "--spec", str(file)) as (port, process), page(port) as one:
        file.write_text(DECLARATION.replace("agg: max", "agg: mux"))
        eventually(lambda: "mux" in body(port, "status")["reason"])
        wrong = body(port, "status")
        kept = [kpi["metric"] for kpi in body(port, "snapshot")["kpis"]]

        file.write_text(DECLARATION.replace("largest:", "biggest:"))
        while one.recv(65_536):
            pass  # the stream ends, and whoever read it asks again
        taken = [kpi["metric"] for kpi in body(port, "snapshot")["kpis"]]
        right = body(port, "status")
        process.terminate()
        said, _ = process.communicate(timeout=15)

    assert "; the last save does not count: sales/defs.yaml" in wrong["reason"]
    assert str(tmp_path) not in wrong["reason"]
    assert ("largest" in kept, "largest" in taken, "biggest" in taken) == (True, False, True)
    assert "does not count" not in right["reason"]
    assert (process.returncode, "Traceback" in said.decode()) == (0, False), said.decode()


def healthy(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
    except httpx.HTTPError:
        return False


def test_a_port_in_use_is_told_with_what_to_do() -> None:
    with listen("127.0.0.1", 0) as taken, pytest.raises(PortInUseError, match="KPI_DASHBOARD_PORT"):
        listen("127.0.0.1", taken.getsockname()[1])


def test_a_token_is_made_once_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    first, second = (kept_token(tmp_path / "home") for _ in range(2))

    assert first == second
    assert len(first) > 40
    file = tmp_path / "home" / FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == [FILE]


def test_a_token_that_can_be_guessed_or_kept_nowhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("short\n")
    (tmp_path / "file").touch()

    with pytest.raises(TokenError, match="16 characters"):
        kept_token(tmp_path)
    with pytest.raises(TokenError, match="set KPI_DASHBOARD_TOKEN"):
        kept_token(tmp_path / "file")
    with pytest.raises(SettingsError, match="KPI_DASHBOARD_TOKEN must have 16"):
        read_settings({"KPI_DASHBOARD_TOKEN": "short"})


def test_settings_of_the_dashboard_are_read() -> None:
    found = read_settings(
        {
            "KPI_DASHBOARD_HOST": "0.0.0.0",  # noqa: S104 - it is only read
            "KPI_DASHBOARD_PORT": "9000",
            "KPI_DASHBOARD_HOSTS": "KPI.example.com, kpi ,",
            "KPI_DASHBOARD_TOKEN": "0123456789abcdef",
        }
    )

    assert found.dashboard_host == "0.0.0.0"  # noqa: S104
    assert found.dashboard_port == 9000
    assert found.dashboard_hosts == {"kpi.example.com", "kpi"}
    assert "0123456789abcdef" not in repr(found)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
