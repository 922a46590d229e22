"""What Dagster loads: every pipeline declared in `defs/`."""

import warnings
from pathlib import Path

import dagster as dg

from kpi_pipeline.orchestration.sources import with_sources

# Dagster warns of its own use of its own parameter when a repository holds an asset check.
warnings.filterwarnings("ignore", "Parameter `execution_type`", dg.BetaWarning)


@dg.definitions
def defs() -> dg.Definitions:
    """All declared pipelines; each folder of `defs/` is one."""
    return with_sources(dg.load_from_defs_folder(path_within_project=Path(__file__).parent))
