"""The Dagster component behind a `defs.yaml`; thin over `build_definitions`."""

from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import BaseModel

from kpi_pipeline.model.declaration.lines import read_document
from kpi_pipeline.model.declaration.pipeline import parse_spec
from kpi_pipeline.model.declaration.schema.document import attributes
from kpi_pipeline.model.errors import SpecError
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.orchestration.build import build_definitions
from kpi_pipeline.orchestration.templates import or_template
from kpi_pipeline.orchestration.wiring import Wiring

FILE = "defs.yaml"


class KpiPipelineComponent(dg.Component, dg.Model, dg.Resolvable):
    """KPIs over one table: an asset with checks, and the sensor that keeps it true.

    The words are dbt's metric vocabulary; what they mean is checked by
    `kpi_pipeline.model.declaration`, which the command line uses too.
    """

    source: dict[str, Any]
    metrics: dict[str, Any]
    windows: dict[str, Any]
    timezone: str | None = None
    every: str | None = None
    start: Any = None
    thresholds: dict[str, Any] | None = None
    freshness: dict[str, Any] | None = None
    failures: dict[str, Any] | None = None
    audit: dict[str, Any] | None = None
    owners: dict[str, Any] | None = None
    keep_minutes: str | None = None

    @classmethod
    def model(cls) -> type[BaseModel]:
        """What Dagster reads the attributes into; with our schema, for `dg check yaml`."""
        return _with_schema(super().model())

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """The definitions of the pipeline named by its folder.

        Raises:
            SpecError: Names file and line.
        """
        return build_definitions(Wiring(self.spec(Path(context.path))))

    def spec(self, folder: Path) -> PipelineSpec:
        """The checked declaration."""
        try:
            return parse_spec(folder.name, self.model_dump(exclude_none=True))
        except SpecError as error:
            raise _located(folder / FILE, error) from None


@cache
def _with_schema(derived: type[BaseModel]) -> type[BaseModel]:
    """Dagster derives `dict` from our fields, which says nothing of the words within."""

    class Declared(derived):  # type: ignore[misc, valid-type]
        @classmethod
        def __get_pydantic_json_schema__(cls, *_: object) -> dict[str, Any]:
            return or_template(attributes())

    Declared.__name__ = derived.__name__
    return Declared


def _located(file: Path, error: SpecError) -> SpecError:
    """Dagster hands over values without their lines; the file still has them."""
    if not file.exists():
        return error
    document = read_document(file.read_text(), str(file))
    return SpecError(f"{file}:{document.line_of(error.path)}: {error}")
