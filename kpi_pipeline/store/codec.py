"""Snapshots, verdicts and notices as JSON: decimals and moments as text, so nothing is rounded."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from kpi_pipeline.model.episode import Evidence, Phase, Verdict
from kpi_pipeline.model.notice import Level, Notice, NoticeKind
from kpi_pipeline.model.snapshot import Published, Reading, Snapshot

Json = dict[str, Any]


def plain(value: object) -> Any:  # noqa: ANN401 - whatever JSON holds
    """A value of the model as JSON can hold it."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def dump_published(snapshot: Snapshot, verdicts: tuple[Verdict, ...]) -> Json:
    """A snapshot and its verdicts."""
    body: Json = plain(asdict(replace(snapshot, absent=())))
    del body["absent"], body["refill_minutes"]
    return {"snapshot": body, "verdicts": [plain(asdict(verdict)) for verdict in verdicts]}


def load_published(body: Json) -> Published:
    """The inverse of `dump_published`."""
    raw = dict(body["snapshot"])
    raw["readings"] = tuple(_reading(item) for item in raw["readings"])
    for key in ("watermark", "as_of", "computed_at"):
        raw[key] = _moment(raw[key])
    return Published(Snapshot(**raw), load_verdicts(body["verdicts"]))


def load_verdicts(body: list[Json]) -> tuple[Verdict, ...]:
    """The verdicts of what `dump_published` made."""
    return tuple(_verdict(item) for item in body)


def dump_notice(notice: Notice) -> Json:
    """A notice."""
    body: Json = plain(asdict(notice))
    return body


def load_notice(body: Json) -> Notice:
    """The inverse of `dump_notice`; what a newer release said besides is left out."""
    known = {field.name: body[field.name] for field in fields(Notice) if field.name in body}
    pairs = {key: tuple(map(tuple, body.get(key, ()))) for key in ("facts", "links")}
    enums = {"kind": NoticeKind(body["kind"]), "level": Level(body["level"])}
    return Notice(**(known | enums | pairs))


def _reading(raw: Json) -> Reading:
    fixed = {
        "dims": tuple(raw["dims"]),
        "value": _decimal(raw["value"]),
        "baseline": _decimal(raw["baseline"]),
        "start": _moment(raw["start"]),
        "end": _moment(raw["end"]),
    }
    return Reading(**(raw | fixed))


def _verdict(raw: Json) -> Verdict:
    fixed = {
        "dims": tuple(raw["dims"]),
        "evidence": Evidence(raw["evidence"]),
        "level": Level(raw["level"]),
        "value": _decimal(raw["value"]),
        "bound": _decimal(raw["bound"]),
        "phase": Phase(raw["phase"]),
        "baseline": _decimal(raw.get("baseline")),
    }
    return Verdict(**(raw | fixed))


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
