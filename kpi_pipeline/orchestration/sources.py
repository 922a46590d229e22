"""The external assets: tables that somebody else writes, each once however many pipelines read it.

They are made when all pipelines are loaded. A component of its own could not tell that another
one has declared the same table, and Dagster refuses two that differ in where they stand.
"""

import os

import dagster as dg

from kpi_pipeline.config import read_settings
from kpi_pipeline.model.errors import KpiError
from kpi_pipeline.source.open import kind_of

TABLE = "kpi/table"
"""Metadata of a snapshot asset that names its table."""


def source_key(table: str) -> dg.AssetKey:
    """The table by its own name; with its schema unless that is `public`."""
    return dg.AssetKey(table.removeprefix("public.").split("."))


def with_sources(loaded: dg.Definitions) -> dg.Definitions:
    """The definitions, and an external asset for each table that a pipeline reads."""
    tables = {
        str(spec.metadata[TABLE])
        for asset in loaded.assets or ()
        if isinstance(asset, dg.AssetsDefinition)
        for spec in asset.specs
        if TABLE in spec.metadata
    }
    by_key = {source_key(table): table for table in sorted(tables)}
    sources = [_source(key, table) for key, table in by_key.items()]
    return dg.Definitions.merge(loaded, dg.Definitions(assets=sources))


def _source(key: dg.AssetKey, table: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        key,
        description="Rows written by the business; read here, never written.",
        kinds={"table", *_database()},
        metadata={"dagster/table_name": table},
    )


def _database() -> set[str]:
    """The kind of database, if the settings of the process that loads the definitions tell it.

    Without them nothing is said: a run's own settings may name another.
    """
    try:
        url = read_settings(os.environ).source_url
        return set() if url is None else {kind_of(url)}
    except KpiError:
        return set()
