"""How a notice looks in Slack: plain text for the lock screen, blocks for the channel."""

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

from kpi_pipeline.model.notice import Notice, clip
from kpi_pipeline.notify.slack_text import code, escape, link
from kpi_pipeline.notify.words import state

TEXT_LIMIT = 140
HEADER_LIMIT = HeaderBlock.text_max_length
SECTION_LIMIT = SectionBlock.text_max_length
FIELD_LIMIT = 2000
FIELDS_LIMIT = SectionBlock.fields_max_length
_LABEL_LIMIT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackMessage:
    """One rendered message: `text` for push and lock screens, `blocks` for the channel."""

    text: str
    blocks: tuple[dict[str, Any], ...]


def render(notice: Notice) -> SlackMessage:
    """Render a notice within Slack's limits; what does not fit ends in an ellipsis.

    Values that come from data are escaped, so that none can mention people, link or format
    the header. The only links are the notice's own and values that are an http(s) address as
    a whole.
    """
    header = clip(f"{state(notice)}: {notice.headline}", HEADER_LIMIT)
    return _message(notice, HeaderBlock(text=PlainTextObject(text=header, emoji=True)))


def render_answer(notice: Notice) -> SlackMessage:
    """Render a notice for the thread of its episode: the same, with a line for a header."""
    line = f"*{state(notice)}*  {escape(_text(notice), SECTION_LIMIT - 100)}"
    return _message(notice, SectionBlock(text=_mrkdwn(line)))


def _message(notice: Notice, head: Block) -> SlackMessage:
    blocks = [head, *_facts(notice), *_trend(notice), *_links(notice), _context(notice)]
    return SlackMessage(
        text=escape(clip(_text(notice), TEXT_LIMIT)),
        blocks=tuple(block.to_dict() for block in blocks),
    )


def _text(notice: Notice) -> str:
    return notice.text or notice.headline or notice.rule


def _facts(notice: Notice) -> list[Block]:
    fields = [_field(label, value) for label, value in notice.facts[:FIELDS_LIMIT]]
    return [SectionBlock(fields=fields)] if fields else []


def _field(label: str, value: str) -> MarkdownTextObject:
    start = f"*{escape(label, _LABEL_LIMIT)}*\n"
    room = FIELD_LIMIT - len(start)
    return _mrkdwn(start + (link(value, limit=room) or escape(value, room)))


def _trend(notice: Notice) -> list[Block]:
    span = code(notice.trend, SECTION_LIMIT)
    return [SectionBlock(text=_mrkdwn(span))] if span else []


def _links(notice: Notice) -> list[Block]:
    """Links in a line of text: a button with an address would want an answer from us."""
    line = ""
    for label, address in notice.links:
        shown = link(address, escape(label, _LABEL_LIMIT), limit=SECTION_LIMIT)
        longer = f"{line}  ·  {shown}" if line else shown
        if shown and len(longer) <= SECTION_LIMIT:
            line = longer
    return [SectionBlock(text=_mrkdwn(line))] if line else []


def _context(notice: Notice) -> Block:
    parts = [f"Pipeline {notice.pipeline}", f"Episode {notice.episode_key}"]
    parts += [f"Reminder {notice.number}"] if notice.number else []
    parts += [f"Owner {notice.owner}"] if notice.owner else []
    return ContextBlock(elements=[_mrkdwn(escape(part, FIELD_LIMIT)) for part in parts])


def _mrkdwn(text: str) -> MarkdownTextObject:
    # Verbatim: Slack must not turn `@channel` or `#name` in a value into a mention.
    return MarkdownTextObject(text=text, verbatim=True)
