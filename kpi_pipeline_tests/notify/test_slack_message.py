from dataclasses import replace
from typing import Any

import pytest

from kpi_pipeline.model.notice import Level, Notice, NoticeKind
from kpi_pipeline.notify.slack_message import render
from kpi_pipeline_tests.notify.slack_peer import message_problem


def _fields(notice: Notice) -> list[str]:
    blocks: list[dict[str, Any]] = [b for b in render(notice).blocks if b["type"] == "section"]
    return [field["text"] for field in blocks[0]["fields"]]


def _header(notice: Notice) -> str:
    return str(render(notice).blocks[0]["text"]["text"])


def test_a_notice_becomes_header_facts_and_context(notice: Notice) -> None:
    message = render(notice)

    assert [block["type"] for block in message.blocks] == ["header", "section", "context"]
    assert _header(notice) == "🔴 CRITICAL: avg_order_value is below 40.00 in EU"
    assert _fields(notice) == ["*Value*\n37.20", "*Bound*\n&lt; 40.00", "*Orders*\n1,204"]
    assert notice.episode_key in str(message.blocks[-1])


@pytest.mark.parametrize(
    ("kind", "level", "start"),
    [
        (NoticeKind.FIRE, Level.WARN, "🟡 WARNING: "),
        (NoticeKind.FIRE, Level.CRITICAL, "🔴 CRITICAL: "),
        (NoticeKind.ESCALATE, Level.CRITICAL, "🔴 ESCALATED TO CRITICAL: "),
        (NoticeKind.RESOLVE, Level.WARN, "✅ RESOLVED: "),
        (NoticeKind.RESOLVE, Level.CRITICAL, "✅ RESOLVED: "),
    ],
)
def test_the_state_is_a_word_and_never_only_a_colour(
    notice: Notice, kind: NoticeKind, level: Level, start: str
) -> None:
    assert _header(replace(notice, kind=kind, level=level)).startswith(start)


def test_values_from_data_cannot_mention_or_link(notice: Notice) -> None:
    hostile = replace(
        notice,
        text="<!channel> & co",
        facts=(("<b>", "<!here> & <https://bad.example|good.example>"), ("Who", "@channel")),
        episode_key="rule/<@U1>/1",
    )
    message = render(hostile)

    assert message.text == "&lt;!channel&gt; &amp; co"
    assert _fields(hostile)[0] == (
        "*&lt;b&gt;*\n&lt;!here&gt; &amp; &lt;https://bad.example|good.example&gt;"
    )
    assert "&lt;@U1&gt;" in str(message.blocks[-1])
    assert all(field["verbatim"] for field in message.blocks[1]["fields"])


def test_a_value_that_is_an_address_as_a_whole_is_a_link(notice: Notice) -> None:
    linked = replace(notice, facts=(("Run", "https://dagster.example/runs/1?a=1&b=2"),))

    assert _fields(linked) == ["*Run*\n<https://dagster.example/runs/1?a=1&amp;b=2>"]


def test_what_does_not_fit_ends_in_an_ellipsis_at_slacks_limit(notice: Notice) -> None:
    long = replace(notice, text="t" * 141, headline="h" * 151, facts=(("Label", "v" * 2001),))

    for text, limit in ((render(long).text, 140), (_header(long), 150), (_fields(long)[0], 2000)):
        assert len(text) == limit
        assert text.endswith("…")


def test_what_just_fits_is_left_whole(notice: Notice) -> None:
    fitting = replace(notice, text="t" * 140, facts=(("Label", "v" * (2000 - len("*Label*\n"))),))

    assert render(fitting).text == "t" * 140
    assert len(_fields(fitting)[0]) == 2000
    assert not _fields(fitting)[0].endswith("…")


@pytest.mark.parametrize("shift", range(5))
def test_an_entity_is_never_cut_in_half(notice: Notice, shift: int) -> None:
    (field,) = _fields(replace(notice, facts=(("Label", "x" * shift + "&" * 2000),)))
    body = field.removeprefix("*Label*\n" + "x" * shift).removesuffix("…")

    assert len(field) <= 2000
    assert body == "&amp;" * (len(body) // len("&amp;"))


def test_only_ten_facts_are_shown(notice: Notice) -> None:
    many = replace(notice, facts=tuple((f"fact {n}", str(n)) for n in range(60)))
    message = render(many)

    assert len(_fields(many)) == 10
    assert message_problem({"text": message.text, "blocks": list(message.blocks)}) == ""
