"""What Dagster loads: every pipeline declared in `defs/`."""

from pathlib import Path

import dagster as dg

from kpi_pipeline.orchestration.sources import with_sources


@dg.definitions
def defs() -> dg.Definitions:
    """All declared pipelines; each folder of `defs/` is one."""
    return with_sources(dg.load_from_defs_folder(path_within_project=Path(__file__).parent))
