"""How a notice looks in Slack: plain text for the lock screen, blocks for the channel."""

import re
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    ContextBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)

from kpi_pipeline.model.notice import Level, Notice, NoticeKind

TEXT_LIMIT = 140
HEADER_LIMIT = HeaderBlock.text_max_length
FIELD_LIMIT = 2000
FIELDS_LIMIT = SectionBlock.fields_max_length
_LABEL_LIMIT = 100
_ELLIPSIS = "…"
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_WHOLE_LINK = re.compile(r"https?://[^\s|<>]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackMessage:
    """One rendered message: `text` for push and lock screens, `blocks` for the channel."""

    text: str
    blocks: tuple[dict[str, Any], ...]


def render(notice: Notice) -> SlackMessage:
    """Render a notice within Slack's limits; what does not fit ends in an ellipsis.

    Values that come from data are escaped, so that none can mention people, link or format
    the header. The only links are values that are an http(s) address as a whole.
    """
    blocks: list[Block] = [_header(notice), *_facts(notice), _context(notice)]
    return SlackMessage(
        text=_clip(notice.text or notice.headline or notice.rule, TEXT_LIMIT).translate(_ENTITIES),
        blocks=tuple(block.to_dict() for block in blocks),
    )


def _header(notice: Notice) -> Block:
    text = _clip(f"{_state(notice)}: {notice.headline}", HEADER_LIMIT)
    return HeaderBlock(text=PlainTextObject(text=text, emoji=True))


def _state(notice: Notice) -> str:
    """Say the state as a word; the emoji beside it only repeats the word."""
    if notice.kind is NoticeKind.RESOLVE:
        return "✅ RESOLVED"
    if notice.level is Level.CRITICAL:
        escalated = notice.kind is NoticeKind.ESCALATE
        return "🔴 ESCALATED TO CRITICAL" if escalated else "🔴 CRITICAL"
    return "🟡 WARNING"


def _facts(notice: Notice) -> list[Block]:
    fields = [_field(label, value) for label, value in notice.facts[:FIELDS_LIMIT]]
    return [SectionBlock(fields=fields)] if fields else []


def _field(label: str, value: str) -> MarkdownTextObject:
    start = f"*{_escape(label, _LABEL_LIMIT)}*\n"
    return _mrkdwn(start + _value(value, FIELD_LIMIT - len(start)))


def _value(value: str, limit: int) -> str:
    link = f"<{value.translate(_ENTITIES)}>"
    if _WHOLE_LINK.fullmatch(value) and len(link) <= limit:
        return link
    return _escape(value, limit)


def _context(notice: Notice) -> Block:
    parts = (f"Pipeline {notice.pipeline}", f"Episode {notice.episode_key}")
    return ContextBlock(elements=[_mrkdwn(_escape(part, FIELD_LIMIT)) for part in parts])


def _mrkdwn(text: str) -> MarkdownTextObject:
    # Verbatim: Slack must not turn `@channel` or `#name` in a value into a mention.
    return MarkdownTextObject(text=text, verbatim=True)


def _escape(text: str, limit: int) -> str:
    """Escape `&<>` and clip; Slack counts escaped characters, and half an entity is noise."""
    escaped = text.translate(_ENTITIES)
    if len(escaped) <= limit:
        return escaped
    return re.sub(r"&[a-z]*$", "", escaped[: limit - 1]) + _ELLIPSIS


def _clip(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + _ELLIPSIS
