from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kpi_pipeline.model.notice import Level, Notice, NoticeKind
from kpi_pipeline.notify.slack_message import SlackMessage, render, render_answer
from kpi_pipeline_tests.notify.slack_limits import message_problem


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
        (NoticeKind.REMIND, Level.WARN, "🟡 STILL WARNING: "),
        (NoticeKind.REMIND, Level.CRITICAL, "🔴 STILL CRITICAL: "),
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


FULL = {
    "trend": "▁▂▃▅▇",
    "links": (("Dashboard", "https://kpi.example/d?a=1&b=2"), ("Run", "https://dagster.example/1")),
    "owner": "payments",
    "number": 2,
}


def _sections(message: SlackMessage) -> list[str]:
    blocks = (block for block in message.blocks if block["type"] == "section")
    return [block["text"]["text"] for block in blocks if "text" in block]


def test_trend_links_owner_and_reminder_have_their_places(notice: Notice) -> None:
    message = render(replace(notice, **FULL))  # type: ignore[arg-type]

    assert [block["type"] for block in message.blocks] == ["header", *["section"] * 3, "context"]
    assert _sections(message) == [
        "`▁▂▃▅▇`",
        "<https://kpi.example/d?a=1&amp;b=2|Dashboard>  ·  <https://dagster.example/1|Run>",
    ]
    shown = [element["text"] for element in message.blocks[-1]["elements"]]
    assert shown[1:] == [f"Episode {notice.episode_key}", "Reminder 2", "Owner payments"]


def test_an_answer_in_a_thread_has_a_line_for_a_header(notice: Notice) -> None:
    ended = replace(notice, kind=NoticeKind.RESOLVE, text="OK orders 12 after 23m")

    assert _sections(render_answer(ended))[0] == "*✅ RESOLVED*  OK orders 12 after 23m"


def test_an_episode_that_is_told_late_says_so(notice: Notice) -> None:
    late = replace(notice, kind=NoticeKind.RESOLVE, late=True)

    assert _header(late).startswith("✅ RESOLVED, TOLD LATE: ")


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "https://a.example/<b>",
        "https://a.example/|x",
        "https://a.example/ b",
        "https://a.example/" + "x" * 3000,
        "",
    ],
)
def test_a_link_that_is_no_address_is_left_out(notice: Notice, address: str) -> None:
    linked = replace(notice, links=(("Run", address), ("Runbook", "https://wiki.example")))

    assert _sections(render(linked)) == ["<https://wiki.example|Runbook>"]


ABSURD = {
    "text": "`<&>" * 4000,
    "headline": "<&>" * 4000,
    "facts": (("&" * 3000, "<" * 3000),) * 60,
    "trend": "`█&" * 4000,
    "links": (("|>" * 400, "https://a.example/" + "&" * 400),) * 60,
    "owner": "<!channel>" * 4000,
    "episode_key": "&" * 5000,
    "pipeline": "<" * 5000,
    "number": 10**30,
}


@pytest.mark.parametrize("kind", NoticeKind)
@pytest.mark.parametrize("field", [*ABSURD, "all"])
@pytest.mark.parametrize("rendered", [render, render_answer])
def test_no_absurd_notice_breaks_slacks_limits(
    notice: Notice, kind: NoticeKind, field: str, rendered: Callable[[Notice], SlackMessage]
) -> None:
    changes: dict[str, Any] = ABSURD if field == "all" else {field: ABSURD[field]}
    message = rendered(replace(notice, kind=kind, **changes))

    assert message_problem({"text": message.text, "blocks": list(message.blocks)}) == ""
    assert "<!channel>" not in str(message)
