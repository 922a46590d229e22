"""Where test cases are: `tests/*.yaml` beside a `defs.yaml`."""

from dataclasses import dataclass
from pathlib import Path

from kpi_pipeline.cli import common
from kpi_pipeline.model.case import AlertCase, Case
from kpi_pipeline.model.declaration.cases.document import parse_file
from kpi_pipeline.model.errors import SpecError
from kpi_pipeline.model.spec import PipelineSpec

FILE, FOLDER = "defs.yaml", "tests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """One file of cases and the pipeline that they try."""

    spec: PipelineSpec
    file: Path
    cases: tuple[Case, ...]
    alerts: tuple[AlertCase, ...] = ()


def find_suites(place: Path | None) -> list[Suite]:
    """Every file of cases at a place: a file, a pipeline's folder or name, a folder of those.

    Args:
        place: None for every declared pipeline.

    Raises:
        SpecError: No cases, or wrong ones; names file and line.
    """
    found = _case_files(place)
    if not found:
        where = place or common.DECLARED
        raise SpecError(f"{where}: no test cases; write them into {FOLDER}/NAME.yaml beside {FILE}")
    return [_suite(declared, file) for declared, file in found]


def _case_files(place: Path | None) -> list[tuple[Path, Path]]:
    """Each declaration with each of its files."""
    if place is None:
        return _below(common.DECLARED)
    named = common.DECLARED / place
    where = named if not place.exists() and named.is_dir() else place
    if not where.exists():
        raise SpecError(f"{where}: no such file, folder or pipeline")
    if where.is_dir() and not _declaration_above(where):
        return _below(where)
    declared = _declaration_above(where)
    if declared is None:
        raise SpecError(f"{where}: no {FILE} beside it or above it, which it could be a test of")
    own = where.is_file() and where.name != FILE
    return [(declared, where)] if own else _beside(declared)


def _declaration_above(place: Path) -> Path | None:
    """Of the place itself, or of the folder that holds it."""
    resolved = place.resolve()
    folders = (resolved, resolved.parent, resolved.parent.parent)
    files = (folder / FILE for folder in folders[: 2 if place.is_dir() else 3])
    return next((file for file in files if file.is_file()), None)


def _below(folder: Path) -> list[tuple[Path, Path]]:
    return [pair for file in sorted(folder.glob(f"*/{FILE}")) for pair in _beside(file)]


def _beside(declared: Path) -> list[tuple[Path, Path]]:
    return [(declared, file) for file in sorted((declared.parent / FOLDER).glob("*.yaml"))]


def _suite(declared: Path, file: Path) -> Suite:
    spec = common.load_spec(declared)
    cases, alerts = parse_file(spec, common.read_text(file), str(file))
    return Suite(spec=spec, file=file, cases=cases, alerts=alerts)
