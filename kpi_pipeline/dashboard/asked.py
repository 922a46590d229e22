"""What a request may ask for; an unknown parameter is an error that is told."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.episode import LONGEST_MUTE

Text = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""One line; no database takes a NUL."""
Value = Annotated[str, StringConstraints(max_length=1000, pattern=r"^[^\x00]*$")]
MomentAsked = Annotated[
    Text, Field(examples=["2026-11-26T05:00:00Z"], description="ISO 8601, or a date.")
]
MISSING = r"\N"
"""A missing value of a group and nothing else, as in `/metrics`; a group may be called (null)."""
Groups = Annotated[
    list[Value],
    Field(max_length=5, description=r"A group's value, once a column; \N for a missing one."),
]
Grain = Literal["minute", "five_minutes", "hour", "day", "month"]
LONGEST_OFFSET = 3660


def named_group(values: Sequence[str]) -> Dims:
    r"""The group that values mean.

    >>> named_group(["DELI", r"\N", "(null)"])
    ('DELI', None, '(null)')
    """
    return tuple(None if value == MISSING else value for value in values)


class Asked(BaseModel):
    """Of which pipeline."""

    model_config = ConfigDict(extra="forbid")

    pipeline: Annotated[Text | None, Field(description="The first declared one if not said.")] = (
        None
    )


class SeriesAsked(Asked):
    """A chart."""

    grain: Grain = "hour"
    since: MomentAsked | None = None
    until: MomentAsked | None = None
    offset_days: Annotated[int, Field(ge=0, le=LONGEST_OFFSET)] = 0
    group: Groups = []


class ExplainAsked(Asked):
    """A number to explain."""

    window: Text
    group: Groups = []


class RowsAsked(ExplainAsked):
    """The rows behind one of its leaves."""

    leaf: Annotated[int, Field(ge=0, le=1000)] = 0
    limit: Annotated[int, Field(ge=1, le=100_000)] = 10_000


class LogAsked(Asked):
    """What happened since a moment; since a day ago if not said."""

    since: MomentAsked | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class TicksAsked(Asked):
    """The last ticks."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 20


class Acknowledge(BaseModel):
    """Take an episode over, as it was seen."""

    model_config = ConfigDict(extra="forbid")

    rule: Text
    dims: Annotated[list[Value | None], Field(max_length=5)] = []
    number: Annotated[int, Field(ge=0, le=2**31 - 1)]
    level: Literal["warn", "critical"]
    why: Text = ""


class Silence(BaseModel):
    """Silence a rule for a while."""

    model_config = ConfigDict(extra="forbid")

    rule: Text
    minutes: Annotated[int, Field(ge=1, le=LONGEST_MUTE // timedelta(minutes=1))]
    why: Text = ""


class Unsilence(BaseModel):
    """Let a rule speak again."""

    model_config = ConfigDict(extra="forbid")

    rule: Text
