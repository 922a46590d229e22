"""Exact, incremental KPIs from the database you already have."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpi_pipeline.orchestration.component import KpiPipelineComponent

__all__ = ["KpiPipelineComponent"]


def __dir__() -> list[str]:
    """Dagster finds component types by their names in a module."""
    return [*globals(), *__all__]


def __getattr__(name: str) -> object:
    """Load the Dagster component at first use: the command line does without Dagster."""
    if name != "KpiPipelineComponent":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from kpi_pipeline.orchestration.component import KpiPipelineComponent  # noqa: PLC0415

    return KpiPipelineComponent
