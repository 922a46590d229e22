import logging
from dataclasses import replace

import pytest

from kpi_pipeline.model.notice import Notice, NoticeKind
from kpi_pipeline.notify.log import LogNotifier


@pytest.mark.parametrize(
    ("kind", "level"),
    [
        (NoticeKind.FIRE, logging.WARNING),
        (NoticeKind.ESCALATE, logging.WARNING),
        (NoticeKind.RESOLVE, logging.INFO),
    ],
)
def test_a_resolve_is_information_and_all_else_a_warning(
    notice: Notice, caplog: pytest.LogCaptureFixture, kind: NoticeKind, level: int
) -> None:
    caplog.set_level(logging.INFO)

    LogNotifier("slack").deliver(replace(notice, kind=kind))

    assert [(r.name, r.levelno) for r in caplog.records] == [("kpi_pipeline.alerts", level)]


def test_the_line_holds_what_a_person_needs(
    notice: Notice, caplog: pytest.LogCaptureFixture
) -> None:
    LogNotifier("slack").deliver(notice)

    (line,) = caplog.messages
    assert line == (
        "fire critical sales/avg_order_value_low: "
        "CRIT avg_order_value 37.20 < 40.00 for 3m (EU); "
        "Value: 37.20; Bound: < 40.00; Orders: 1,204; episode avg_order_value_low/EU/3"
    )


def test_a_value_can_neither_start_a_line_of_its_own_nor_steer_a_terminal(
    notice: Notice, caplog: pytest.LogCaptureFixture
) -> None:
    forged = replace(notice, facts=(("Region", "EU\nERROR all is lost\r\u2028%s\x1b[2J"),))

    LogNotifier("slack").deliver(forged)

    assert len(caplog.messages[0].splitlines()) == 1
    assert caplog.messages[0].isprintable()


@pytest.mark.parametrize(
    ("channel", "description"), [("slack", "the log (no Slack settings)"), ("log", "the log")]
)
def test_it_says_why_messages_go_to_the_log(channel: str, description: str) -> None:
    assert LogNotifier(channel).description == description
