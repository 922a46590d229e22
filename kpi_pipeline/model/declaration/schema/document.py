"""The schema of a whole `defs.yaml`."""

import json
from pathlib import Path

from kpi_pipeline.model.declaration.lines import TYPES
from kpi_pipeline.model.declaration.pipeline import COLUMN, TABLE
from kpi_pipeline.model.declaration.schema.metrics import metrics
from kpi_pipeline.model.declaration.schema.parts import Json, duration, form, mapping, period, text
from kpi_pipeline.model.declaration.schema.routes import owners
from kpi_pipeline.model.declaration.schema.rules import (
    audit,
    failures,
    freshness,
    thresholds,
    windows,
)
from kpi_pipeline.model.moment import PLAIN

SHIPPED = Path(__file__).parent / "defs.schema.json"
"""The same as text, for editors; made by `kpi-pipeline schema --output`."""


def schema_text() -> str:
    """The schema as it is shipped."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def document() -> Json:
    """The schema of a file: Dagster's keys, and our attributes."""
    kind = {"description": "The component that reads this file.", "enum": list(TYPES)}
    others = {
        "requirements": "What Dagster must find, such as environment variables.",
        "post_processing": "What Dagster does with the assets after they are made.",
        "template_vars_module": "A module of variables for templates.",
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A kpi_pipeline declaration",
        "type": "object",
        "properties": {
            "type": kind,
            "attributes": attributes(),
            **{key: {"description": said} for key, said in others.items()},
        },
        "required": ["type", "attributes"],
        "additionalProperties": False,
    }


def attributes() -> Json:
    """The schema of what stands under `attributes:`."""
    return mapping(
        "KPIs over one table, computed exactly and kept true.",
        ("source", "metrics", "windows"),
        timezone=text("Business time, in which days begin (UTC).", "America/New_York"),
        source=_source(),
        every=duration("How often the source is looked at (1m); 30s or longer.", "1m"),
        start=form(
            "Rows before it are never folded (2000-01-01).",
            rf"^\s*{PLAIN.pattern}\s*$",
            "2025-01-01",
        ),
        metrics=metrics(),
        windows=windows(),
        thresholds=thresholds(),
        freshness=freshness(),
        failures=failures(),
        audit=audit(),
        owners=owners(),
        keep_minutes=period(
            "How long minutes are kept (8 days); longer where a window needs them.",
            "35 days",
            "2 months",
        ),
    )


def _source() -> Json:
    return mapping(
        "Where the rows are.",
        ("table", "agg_time_dimension"),
        table=_name("The table, with its schema if it has one.", "public.orders", TABLE.pattern),
        key=_name(
            "An indexed whole-number column that grows with every row.", "id", COLUMN.pattern
        ),
        agg_time_dimension=_name(
            "The column that says when a row happened.", "created_at", COLUMN.pattern
        ),
        lookback=duration("How far back to look where exact detection cannot (15m).", "15m"),
        timezone=text("What event times that have no zone are in.", "Europe/Berlin"),
    )


def _name(description: str, example: str, pattern: str) -> Json:
    plain = pattern.replace(r"\"", '"')  # an escape that browsers' expressions do not know
    return text(description, example) | {"pattern": f"^{plain}$"}
