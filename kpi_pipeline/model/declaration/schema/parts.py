"""The pieces that a schema is put together from.

Draft 7, which every editor reads, and nothing that later drafts read otherwise: Dagster's own
check takes the same text for draft 2020-12. Whatever the parser accepts, the schema accepts, but
for durations in capitals; what only the parser can know (whether a metric exists) it lets pass.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from kpi_pipeline.model.declaration.durations import UNITS
from kpi_pipeline.model.declaration.metrics import NAME

Json = dict[str, Any]

CALENDAR = ("month", "months", "year", "years")
"""Units of periods; no duration has them, because their lengths differ."""
NUMBER = r"^\s*[-+]?([0-9][0-9_]*(\.[0-9_]*)?|\.[0-9_]+)([eE][-+]?[0-9]+)?\s*$"


def text(description: str, *examples: str) -> Json:
    """A word or a sentence; YAML may have read it as a number."""
    node: Json = {"description": description, "type": ["string", "number"], "minLength": 1}
    return node | {"examples": list(examples)} if examples else node


def form(description: str, pattern: str, *examples: str) -> Json:
    """A text of a form that an example shows."""
    return {
        "description": description,
        "type": "string",
        "pattern": pattern,
        "patternErrorMessage": f"Write it like {' or '.join(examples)}.",
        "examples": list(examples),
    }


def number(description: str, **bounds: float) -> Json:
    """A decimal; quoted ones stay as they are written."""
    return {"description": description, "type": ["number", "string"], "pattern": NUMBER, **bounds}


def whole(description: str, **bounds: int) -> Json:
    """A whole number."""
    return {"description": description, "type": "integer", "minimum": 0, **bounds}


def flag(description: str) -> Json:
    """True or false."""
    return {"description": description, "type": "boolean"}


def word(description: str, words: Mapping[str, str]) -> Json:
    """One of some words, each with its meaning."""
    return {
        "description": description,
        "type": "string",
        "enum": list(words),
        "enumDescriptions": list(words.values()),
    }


def several(description: str, one: Json) -> Json:
    """A list of such words; one alone may stand without brackets."""
    return {
        "description": description,
        "type": ["array", "string"],
        "items": one,
        "if": {"type": "string"},
        "then": one,
    }


def duration(description: str, *examples: str) -> Json:
    """A length of time of fixed units."""
    return form(description, _lengths(UNITS), *examples)


def period(description: str, *examples: str) -> Json:
    """A length of time that may also be months or years."""
    return form(description, _lengths((*UNITS, *CALENDAR)), *examples)


def mapping(description: str, required: Sequence[str] = (), /, **properties: Json) -> Json:
    """An object of these keys alone; those that may be absent may also be empty."""
    return {
        "description": description,
        "type": "object",
        "properties": {
            key: node if key in required else nullable(node) for key, node in properties.items()
        },
        "required": list(required),
        "additionalProperties": False,
    }


def named(description: str, item: Json, *, least: int = 0) -> Json:
    """An object whose keys are names that people give."""
    return {
        "description": description,
        "type": "object",
        "propertyNames": {
            "pattern": f"^{NAME.pattern}$",
            "patternErrorMessage": "Lower case letters, digits and _, a letter first.",
        },
        "additionalProperties": item,
        "minProperties": least,
    }


def nullable(node: Json) -> Json:
    """The node, or a key with nothing behind it, which means that the key is not there."""
    kinds = node["type"] if isinstance(node["type"], list) else [node["type"]]
    found = node | {"type": [*kinds, "null"]}
    return found | {"enum": [*node["enum"], None]} if "enum" in node else found


def given(*keys: str) -> Json:
    """The condition that some keys are there with a value."""
    some = {"not": {"type": "null"}}
    return {"type": "object", "required": list(keys), "properties": dict.fromkeys(keys, some)}


def whenever(condition: Json, then: Json, otherwise: Json | None = None) -> Json:
    """What must hold besides, where a condition does."""
    return {"if": condition, "then": then} | ({} if otherwise is None else {"else": otherwise})


def _lengths(units: Sequence[str] | Mapping[str, object]) -> str:
    return rf"^\s*[0-9]{{1,9}}\s*({'|'.join(units)})\s*$"
