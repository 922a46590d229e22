"""What every channel shares: the word for a state, and what is an address."""

import re

from kpi_pipeline.model.notice import Level, Notice, NoticeKind

_ADDRESS = re.compile(r"https?://[^\s<>\"]+")


def state(notice: Notice) -> str:
    """The state as a word; the emoji beside it only repeats the word."""
    late = ", TOLD LATE" if notice.late else ""
    if notice.withdrawn:
        return f"⚪ ENDED{late}"
    if notice.kind is NoticeKind.RESOLVE:
        return f"✅ RESOLVED{late}"
    if notice.kind is NoticeKind.ACKNOWLEDGE:
        return "✋ ACKNOWLEDGED"
    critical = notice.level is Level.CRITICAL
    word = "CRITICAL" if critical else "WARNING"
    before = {NoticeKind.ESCALATE: "ESCALATED TO ", NoticeKind.REMIND: "STILL "}
    return f"{'🔴' if critical else '🟡'} {before.get(notice.kind, '')}{word}"


def is_address(text: str) -> bool:
    """Whether the whole text is an http(s) address."""
    return _ADDRESS.fullmatch(text) is not None
