"""Which executor runs the one step of a pipeline: the deployment's choice."""

import os
from importlib import import_module

import dagster as dg

from kpi_pipeline.config import SettingsError

DEFAULT = "dagster:in_process_executor"
"""The work takes a tenth of a second; another process for it would take three."""


def executor() -> dg.ExecutorDefinition:
    """The executor named by `KPI_EXECUTOR`, such as `dagster_k8s:k8s_job_executor`.

    Raises:
        SettingsError: There is no such executor.
    """
    name = os.environ.get("KPI_EXECUTOR") or DEFAULT
    module, _, attribute = name.partition(":")
    try:
        found = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError):
        found = None
    if not isinstance(found, dg.ExecutorDefinition):
        raise SettingsError(f"KPI_EXECUTOR {name!r} is no executor; write it like {DEFAULT}")
    return found
