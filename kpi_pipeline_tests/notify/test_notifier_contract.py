"""What every channel promises, whichever it is; each against its own peer."""

import logging
import traceback
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from kpi_pipeline.model.channel import parse_channel
from kpi_pipeline.model.errors import DeliveryError
from kpi_pipeline.model.notice import Level, Notice, NoticeKind
from kpi_pipeline_tests.notify.channel_peers import HUSH, KINDS, REMOTE, Rig, rig
from kpi_pipeline_tests.notify.http_peer import Fault

CAN_LOOK = {"slack bot"}
SAME_AGAIN = {"slack bot", "pagerduty", "webhook"}
"""Where sending twice is the same as sending once, by looking first or by the peer's own key."""


@pytest.fixture(params=KINDS)
def any_channel(request: pytest.FixtureRequest) -> Iterator[Rig]:
    with rig(request.param) as found:
        yield found


@pytest.fixture(params=REMOTE)
def remote(request: pytest.FixtureRequest) -> Iterator[tuple[str, Rig]]:
    with rig(request.param) as found:
        yield request.param, found


def test_it_is_named_as_rules_name_it(any_channel: Rig) -> None:
    assert any_channel.notifier.channel == any_channel.name
    assert parse_channel(any_channel.name)


def test_its_pace_is_no_longer_than_a_second(any_channel: Rig) -> None:
    assert 0 <= any_channel.notifier.pace <= 1


def test_it_says_where_messages_go_without_a_secret(any_channel: Rig) -> None:
    notifier = any_channel.notifier

    assert notifier.description
    assert HUSH not in f"{notifier.description} {notifier!r} {notifier}"


def test_a_notice_that_was_never_delivered_is_not_found(any_channel: Rig, notice: Notice) -> None:
    any_channel.notifier.deliver(notice)

    assert any_channel.notifier.find(replace(notice, key="another/key")) is None


@pytest.mark.parametrize("level", [Level.WARN, Level.CRITICAL])
@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_at_every_level_is_delivered(
    any_channel: Rig, notice: Notice, kind: NoticeKind, level: Level
) -> None:
    told = replace(notice, kind=kind, level=level, number=2, trend="▁▂▃", owner="payments")

    assert isinstance(any_channel.notifier.deliver(told), str)


def test_an_episode_is_delivered_from_its_root_to_its_end(any_channel: Rig, notice: Notice) -> None:
    root = any_channel.notifier.deliver(notice)
    for kind in (NoticeKind.REMIND, NoticeKind.ESCALATE, NoticeKind.RESOLVE):
        after = replace(notice, kind=kind, key=f"{notice.episode_key}/{kind}")

        assert isinstance(any_channel.notifier.deliver(after, root), str)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"facts": ()}, id="no facts"),
        pytest.param({"text": ""}, id="no text"),
        pytest.param({"facts": (("", ""),)}, id="an empty fact"),
        pytest.param({"text": "&" * 500, "headline": "<" * 500}, id="too long, all escaped"),
        pytest.param({"facts": (("&" * 3000, "<" * 3000),) * 60}, id="too many facts, too long"),
        pytest.param({"facts": (("x", "\x00\n\ud7ff😀"),)}, id="odd characters"),
        pytest.param({"episode_key": "&" * 5000}, id="an episode key beyond all limits"),
        pytest.param({"trend": "`█" * 9000, "owner": "<!here>" * 900}, id="a trend, an owner"),
        pytest.param({"links": (("|", "https://x.example/|" * 9),) * 90}, id="links that are none"),
        pytest.param({"key": "é\n" * 900}, id="a key that no header holds"),
    ],
)
def test_a_notice_beyond_the_limits_is_delivered_shortened(
    any_channel: Rig, notice: Notice, changes: dict[str, Any]
) -> None:
    assert isinstance(any_channel.notifier.deliver(replace(notice, **changes)), str)


def test_what_may_pass_fails_as_such_and_the_next_attempt_succeeds(
    remote: tuple[str, Rig], notice: Notice
) -> None:
    _, channel = remote
    assert channel.fail is not None
    channel.fail(Fault(status=500))
    with pytest.raises(DeliveryError) as caught:
        channel.notifier.deliver(notice)

    assert not caught.value.permanent
    assert channel.told() == 0


def test_a_cut_off_attempt_is_never_lost_and_doubled_only_where_that_is_said(
    remote: tuple[str, Rig], notice: Notice
) -> None:
    kind, channel = remote
    assert channel.fail is not None
    channel.fail(Fault(reset="after"))
    with pytest.raises(DeliveryError) as caught:
        channel.notifier.deliver(notice)
    found = channel.notifier.find(notice)
    if found is None:
        channel.notifier.deliver(notice)

    assert not caught.value.permanent
    assert (found is not None) == (kind in CAN_LOOK)
    assert channel.told() == (1 if kind in SAME_AGAIN else 2)


FAULTS = [
    pytest.param(Fault(status=429, retry_after="1"), id="429"),
    pytest.param(Fault(status=500), id="500"),
    pytest.param(Fault(status=400, body=f"{HUSH} is wrong"), id="a refusal that echoes"),
    pytest.param(Fault(status=403, body=HUSH), id="403"),
    pytest.param(Fault(status=307, location=f"http://127.0.0.1:1/{HUSH}"), id="a redirect"),
    pytest.param(Fault(reset="before"), id="reset before"),
    pytest.param(Fault(reset="after"), id="reset after"),
    pytest.param(Fault(hang=True), id="hang"),
]


@pytest.mark.parametrize("fault", FAULTS)
def test_no_failure_shows_a_secret_anywhere(
    remote: tuple[str, Rig], notice: Notice, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    _, channel = remote
    _listen_to_everybody(caplog)
    assert channel.fail is not None
    channel.fail(fault)
    with pytest.raises(DeliveryError) as caught:
        channel.notifier.deliver(notice)
    error = caught.value

    assert error.__cause__ is error.__context__ is None
    shown = "".join(traceback.format_exception(error))
    assert HUSH not in f"{error} {error!r} {vars(error)} {shown} {_said(caplog)}"


def test_no_success_logs_a_secret(
    any_channel: Rig, notice: Notice, caplog: pytest.LogCaptureFixture
) -> None:
    _listen_to_everybody(caplog)
    root = any_channel.notifier.deliver(notice)
    any_channel.notifier.find(notice, root)

    assert HUSH not in _said(caplog) + root


def _listen_to_everybody(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(1)
    for name in ("slack_sdk", "apprise", "urllib3", "urllib3.connectionpool", "requests"):
        logging.getLogger(name).setLevel(1)


def _said(caplog: pytest.LogCaptureFixture) -> str:
    """What was logged here, apart from what the mail peer tells of its own side."""
    ours = (record for record in caplog.records if record.name != "mail.log")
    return "\n".join(record.getMessage() for record in ours)
