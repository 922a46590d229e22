"""`dg check yaml` knows our words, and `dg check defs` what they mean; both name file and line."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from kpi_pipeline.embedded.cluster import close_cluster
from kpi_pipeline_tests.orchestration.test_definitions import BARE, project

DG = Path(sys.executable).parent / "dg"


def dg(folder: Path, *words: str) -> tuple[int, str]:
    """Run the real command on a copy of the project; exit code and what it said, uncoloured."""
    done = subprocess.run(
        [DG, *words],
        cwd=folder,
        env=BARE | {"PYTHONPATH": str(folder), "DAGSTER_DISABLE_TELEMETRY": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project(tmp_path_factory.mktemp("project"))


@pytest.fixture
def file(copy: Path) -> Path:
    """The demo's declaration, whole again for every test."""
    file = copy / "kpi_pipeline" / "defs" / "sales" / "defs.yaml"
    original = Path(__file__).parents[2] / "kpi_pipeline" / "defs" / "sales" / "defs.yaml"
    file.write_text(original.read_text())
    return file


def break_(file: Path, old: str, new: str) -> int:
    """Put something wrong in place of something right; the line where it stands."""
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))
    return 1 + text[: text.index(old)].count("\n")


def test_the_demo_passes(copy: Path, file: Path) -> None:
    code, output = dg(copy, "check", "yaml", str(file.parent))

    assert code == 0, output
    assert "validated successfully" in output


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("agg: count_distinct", "agg: distinct", "metrics.unique_users.agg 'distinct' is not one"),
        ("window: 60 minutes", "window: an hour", "windows.last_60m.window 'an hour' does not"),
        ("lookback: 15m", "lookbak: 15m", "('lookbak' was unexpected)"),
        ("agg: sum, expr: amount, unit: USD}", "agg: sum}", "'expr' is a required property"),
        ("min_count: 20", "min_count: few", "thresholds.aov_low.min_count 'few' is not of type"),
    ],
)
def test_a_wrong_form_is_told_by_check_yaml(
    copy: Path, file: Path, old: str, new: str, said: str
) -> None:
    line = break_(file, old, new)

    code, output = dg(copy, "check", "yaml")

    assert code == 1
    assert f"sales/defs.yaml:{line} - kpi_pipeline.KpiPipelineComponent attributes." in output
    assert said in output


def test_a_template_may_stand_wherever_a_value_may(copy: Path, file: Path) -> None:
    break_(file, "lookback: 15m", "lookback: '{{ env.LOOKBACK }}'")
    break_(file, "min_count: 20", "min_count: '{{ env.LEAST }}'")

    code, output = dg(copy, "check", "yaml")

    assert code == 0, output


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "numerator: total_revenue",
            "numerator: total_revenu",
            "metrics.avg_order_value.numerator: unknown metric 'total_revenu'",
        ),
        ("America/New_York", "America/New_Yrk", "timezone: unknown time zone 'America/New_Yrk'"),
    ],
)
def test_a_wrong_meaning_is_told_by_check_defs(
    copy: Path, file: Path, old: str, new: str, said: str
) -> None:
    line = break_(file, old, new)

    code, output = dg(copy, "check", "defs")
    close_cluster(copy / ".kpi")

    assert code == 1
    assert f"sales/defs.yaml:{line}: {said}" in output
    assert "did you mean" in output
