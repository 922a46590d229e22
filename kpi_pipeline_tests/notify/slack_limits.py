"""Slack's limits of a message, as its API holds them."""

from typing import Any

Json = dict[str, Any]


def message_problem(args: Json) -> str:
    """Return Slack's error code for a message that breaks its limits, '' if none does."""
    text, blocks, metadata = args.get("text", ""), args.get("blocks", []), args.get("metadata")
    if not text and not blocks:
        return "no_text"
    if len(text) > 40_000:
        return "msg_too_long"
    if len(blocks) > 50 or not all(_block_is_valid(block) for block in blocks):
        return "invalid_blocks"
    if metadata is not None and not {"event_type", "event_payload"} <= metadata.keys():
        return "invalid_metadata_format"
    return ""


def _block_is_valid(block: Json) -> bool:
    match block:
        case {"type": "header", "text": {"type": "plain_text", "text": str(text)}}:
            return 0 < len(text) <= 150
        case {"type": "section", "fields": list(fields)}:
            return 0 < len(fields) <= 10 and all(_text_is_valid(text, 2000) for text in fields)
        case {"type": "section", "text": dict(text)}:
            return _text_is_valid(text, 3000)
        case {"type": "context", "elements": list(elements)}:
            return 0 < len(elements) <= 10 and all(_text_is_valid(text, 3000) for text in elements)
        case {"type": "divider"}:
            return True
        case _:
            return False


def _text_is_valid(text: Json, limit: int) -> bool:
    known = text.get("type") in {"mrkdwn", "plain_text"}
    return known and 0 < len(text.get("text", "")) <= limit
