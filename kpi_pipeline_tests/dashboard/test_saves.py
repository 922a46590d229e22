"""Which declarations hold while files are written, spoiled, added and removed."""

from pathlib import Path

import pytest

from kpi_pipeline.cli.saves import Saves
from kpi_pipeline.model.declaration.lines import parse_text
from kpi_pipeline.model.errors import SpecError
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline_tests.sales import DECLARATION


def load(path: Path) -> PipelineSpec:
    try:
        return parse_text(path.parent.name, path.read_text(), str(path))
    except FileNotFoundError:
        raise SpecError(f"{path}: no such file") from None


def save(root: Path, name: str, text: str = DECLARATION) -> Path:
    path = root / name / "defs.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def saves(tmp_path: Path) -> Saves:
    save(tmp_path, "one")
    return Saves(lambda: sorted(tmp_path.glob("*/defs.yaml")), load)


def names(saves: Saves) -> list[str]:
    return sorted(spec.name for spec in saves.specs.values())


def test_a_save_counts_once_it_was_seen_twice(saves: Saves, tmp_path: Path) -> None:
    path = save(tmp_path, "one", DECLARATION.replace("largest:", "biggest:"))

    assert [saves.look() for _ in range(3)] == [False, True, False]
    assert "biggest" in saves.specs[path].metrics


def test_a_save_that_changes_no_meaning_changes_nothing(saves: Saves, tmp_path: Path) -> None:
    save(tmp_path, "one", f"{DECLARATION}# a remark\n")

    assert not any(saves.look() for _ in range(3))


def test_a_wrong_save_is_told_without_its_folder_until_a_right_one(
    saves: Saves, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = save(tmp_path, "one", DECLARATION.replace("agg: max", "agg: mux"))
    assert not any(saves.look() for _ in range(3))

    assert saves.faults["one"].startswith("the last save does not count: one/defs.yaml")
    assert str(tmp_path) not in saves.faults["one"]
    assert "largest" in saves.specs[path].metrics
    assert len(caplog.records) == 1

    save(tmp_path, "one")
    assert not any(saves.look() for _ in range(3))
    assert saves.faults == {}


def test_folders_come_and_go_but_for_the_last(saves: Saves, tmp_path: Path) -> None:
    save(tmp_path, "two")
    assert [saves.look(), saves.look(), names(saves)] == [False, True, ["one", "two"]]

    (tmp_path / "one" / "defs.yaml").unlink()
    assert [saves.look(), saves.look(), names(saves)] == [False, True, ["two"]]

    (tmp_path / "two" / "defs.yaml").unlink()
    assert [saves.look(), saves.look(), names(saves)] == [False, False, ["two"]]
