"""The schema of who is told, and how: channels, owners, reminders, runbook."""

from kpi_pipeline.model.channel import KINDS, Kind
from kpi_pipeline.model.declaration.schema.parts import (
    Json,
    duration,
    form,
    mapping,
    named,
    several,
    text,
)


def told() -> Json:
    """The keys that every rule has."""
    return {
        "notify": notify(),
        "repeat": repeat(),
        "owner": text("Who looks after it; without notify, their channels are told.", "payments"),
        "runbook": form(
            "What to do: an address.", r"^https?://[!-~]+$", "https://wiki.example.com"
        ),
    }


def repeat() -> Json:
    """How often it is told again."""
    return duration("How often it is told again until somebody acknowledges it.", "4h")


def owners() -> Json:
    """Every owner by a name."""
    owner = mapping("Whom to tell of the rules of this owner.", notify=notify())
    return named("Who looks after rules, each by a name.", owner | {"type": ["object", "null"]})


def notify() -> Json:
    """Channels, or channels by level."""
    channels = _channels("Who is told.")
    levels = mapping("", warn=channels, critical=channels)
    return channels | {
        "description": "Who is told: slack, log, ...; or {warn: ..., critical: ...}, where the "
        "latter are told of critical alone, besides.",
        "type": ["array", "string", "object"],
        "properties": levels["properties"],
        "additionalProperties": False,
    }


def _channels(description: str) -> Json:
    one = {
        "type": "string",
        "pattern": f"^({'|'.join(_pattern(kind, item) for kind, item in KINDS.items())})$",
        "examples": [item.example or kind for kind, item in KINDS.items()],
    }
    return several(description, one)


def _pattern(kind: str, item: Kind) -> str:
    return f"{kind}(:{item.target})?" if item.target else kind
