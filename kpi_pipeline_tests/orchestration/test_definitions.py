"""What Dagster loads, with a bare environment; and a second folder, which is a second pipeline."""

import shutil
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from kpi_pipeline.config import SettingsError
from kpi_pipeline.definitions import defs
from kpi_pipeline.embedded.cluster import close_cluster
from kpi_pipeline.orchestration.executor import executor

ROOT = Path(__file__).parents[2]
BARE = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
LIST = """
import dagster as dg
from kpi_pipeline.definitions import defs
from kpi_pipeline.embedded.cluster import close_cluster
found = defs()
print(sorted(sensor.name for sensor in found.sensors))
print(sorted(key.to_user_string() for key in found.resolve_all_asset_keys()))
"""


def project(folder: Path) -> Path:
    """A copy of the project that a test may change."""
    for name in ("kpi_pipeline", "pyproject.toml", "workspace.yaml", "dagster.yaml"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    return folder


def python(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python on a copy of the project, with a bare environment."""
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=BARE | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_definitions_load_without_any_setting_or_database(tmp_path: Path) -> None:
    done = python(project(tmp_path), "-c", LIST)

    assert done.returncode == 0, done.stderr
    assert "['sales_sensor']" in done.stdout
    assert "['sales/kpi_history', 'sales/kpi_snapshot', 'transactions']" in done.stdout
    assert not (tmp_path / ".kpi").exists()


def test_dagster_itself_finds_the_definitions_valid(tmp_path: Path) -> None:
    folder = project(tmp_path)

    done = python(folder, "-m", "dagster", "definitions", "validate")
    close_cluster(folder / ".kpi")

    assert done.returncode == 0, done.stderr
    assert "Validation successful" in done.stdout + done.stderr


def test_a_second_folder_is_a_second_pipeline_with_its_own_sensor_asset_and_checks(
    tmp_path: Path,
) -> None:
    folder = project(tmp_path)
    declared = folder / "kpi_pipeline" / "defs"
    shutil.copytree(declared / "sales", declared / "returns")

    done = python(folder, "-c", LIST)

    assert done.returncode == 0, done.stderr
    assert "['returns_sensor', 'sales_sensor']" in done.stdout
    assert "'returns/kpi_snapshot', 'sales/kpi_history', 'sales/kpi_snapshot'" in done.stdout


def test_a_wrong_declaration_is_told_with_file_and_line(tmp_path: Path) -> None:
    folder = project(tmp_path)
    file = folder / "kpi_pipeline" / "defs" / "sales" / "defs.yaml"
    file.write_text(file.read_text().replace("agg: count_distinct", "agg: count_distinkt"))

    done = python(folder, "-c", LIST)

    line = next(
        number
        for number, text in enumerate(file.read_text().splitlines(), 1)
        if "count_distinkt" in text
    )
    assert done.returncode != 0
    assert f"defs.yaml:{line}: metrics.unique_users.agg" in done.stderr
    assert "did you mean 'count_distinct'?" in done.stderr


def test_the_sensor_runs_from_the_start_every_minute() -> None:
    (sensor,) = defs().sensors or ()
    assert isinstance(sensor, dg.SensorDefinition)

    assert sensor.default_status == dg.DefaultSensorStatus.RUNNING
    assert sensor.minimum_interval_seconds == 60


def test_the_executor_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert executor() is dg.in_process_executor
    monkeypatch.setenv("KPI_EXECUTOR", "dagster:multiprocess_executor")
    assert executor() is dg.multiprocess_executor


@pytest.mark.parametrize("name", ["nonsense", "dagster:nothing", "os:getcwd", ":", "no.such:thing"])
def test_an_executor_that_does_not_exist_is_told(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_EXECUTOR", name)

    with pytest.raises(SettingsError, match="KPI_EXECUTOR"):
        executor()
