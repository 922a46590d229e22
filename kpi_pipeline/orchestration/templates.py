"""Dagster's templates in a schema: `"{{ env.ZONE }}"` may stand wherever a value may."""

from collections.abc import Mapping
from typing import Any

TEMPLATE = {"type": "string", "pattern": r"\{\{.*\}\}"}
NAMES = ("properties", "patternProperties")
"""Keywords whose keys are names of the file, and whose values are schemas."""


def or_template(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema, which asks nothing of a text that Dagster puts another value in the place of."""
    inner = {key: _below(key, value) for key, value in schema.items()}
    if "type" not in schema or schema["type"] == "object":
        return inner
    said = {key: inner[key] for key in ("description",) if key in inner}
    return said | {"if": TEMPLATE, "else": inner}


def _below(keyword: str, value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    if keyword in NAMES:
        return {name: or_template(schema) for name, schema in value.items()}
    if keyword in {"additionalProperties", "items", "else"} and isinstance(value, Mapping):
        return or_template(value)
    return value
