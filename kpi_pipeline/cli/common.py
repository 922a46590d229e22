"""What the commands share: which declaration, and the parts that it needs."""

import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click
from rich.console import Console

from kpi_pipeline.assembly import Assembly, assemble
from kpi_pipeline.config import Settings, read_settings
from kpi_pipeline.embedded.defaults import with_embedded
from kpi_pipeline.model.declaration.lines import parse_text
from kpi_pipeline.model.errors import CursorError, SpecError
from kpi_pipeline.model.moment import parse_moment
from kpi_pipeline.model.spec import PipelineSpec

DECLARED = Path(__file__).parent.parent / "defs"
WIDE = 240
"""Columns of a file or a mail, in which a number that is cut says nothing."""
F = TypeVar("F", bound=Callable[..., Any])


def spec_option(function: F, default: str = "the only one") -> F:
    """Add `--spec FILE`; help says what is meant without it."""
    return click.option(
        "--spec",
        "file",
        type=click.Path(path_type=Path),
        help=f"The pipeline: its defs.yaml, folder or declared name. Default: {default}.",
    )(function)


def spec_file(file: Path | None) -> Path:
    """The declaration to use.

    Raises:
        UsageError: None is named, and there is not exactly one.
    """
    if file is not None:
        named = DECLARED / file
        place = named if not file.exists() and named.is_dir() else file
        return place / "defs.yaml" if place.is_dir() else place
    found = declared()
    if len(found) != 1:
        names = ", ".join(path.parent.name for path in found) or "none"
        raise click.UsageError(f"say which pipeline with --spec FILE (declared: {names})")
    return found[0]


def declared() -> list[Path]:
    """Every declaration in the package's own `defs` folder."""
    return sorted(DECLARED.glob("*/defs.yaml"))


def load_spec(file: Path | None) -> PipelineSpec:
    """Read and check a declaration.

    Raises:
        SpecError: It cannot be read, or is wrong; names file and line.
    """
    path = spec_file(file)
    return parse_text(path.resolve().parent.name, read_text(path), str(path))


def read_text(path: Path) -> str:
    """The text of a file.

    Raises:
        SpecError: It cannot be read; names the file.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        names = ", ".join(found.parent.name for found in declared()) or "none"
        raise SpecError(f"{path}: no such file, folder or pipeline (declared: {names})") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SpecError(f"{path}: cannot be read: {reason}") from None


def settings() -> Settings:
    """The settings of this process, with the embedded database where none is named."""
    return with_embedded(read_settings(os.environ))


def screen() -> Console:
    """Where results are printed: as wide as the terminal; where there is none, wide enough."""
    wide = None if sys.stdout.isatty() or "COLUMNS" in os.environ else WIDE
    return Console(width=wide)


def moment_of(text: str, zone: ZoneInfo, *words: str) -> datetime:
    """A moment that a person gave on the command line; without a zone it is business time.

    Raises:
        BadParameter: It is not one; the message shows the format, and which words will do too.
    """
    try:
        return parse_moment(text, zone)
    except CursorError as error:
        others = "".join(f", or `{word}`" for word in words)
        raise click.BadParameter(f"{error}{others}") from None


def assembly(file: Path | None) -> Assembly:
    """The wired pipeline of a declaration, closed when the command ends."""
    parts = assemble(load_spec(file), settings())
    click.get_current_context().call_on_close(parts.close)
    return parts
