"""A webhook of your own: signed, told apart from its repetition, never led astray."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from kpi_pipeline.model.errors import DeliveryError
from kpi_pipeline.model.notice import Notice
from kpi_pipeline.notify.webhook import Webhook, signature
from kpi_pipeline_tests.notify.http_peer import Fault
from kpi_pipeline_tests.notify.webhook_peer import SECRET, WebhookPeer

NOON = 1_800_000_000.9


@pytest.fixture
def peer() -> Iterator[WebhookPeer]:
    with WebhookPeer() as running:
        yield running


@pytest.fixture
def webhook(peer: WebhookPeer) -> Webhook:
    return Webhook(peer.address, lambda: NOON, SECRET, timeout=1)


def _failure(webhook: Webhook, notice: Notice) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        webhook.deliver(notice)
    return caught.value


def test_the_body_is_the_notice(webhook: Webhook, notice: Notice, peer: WebhookPeer) -> None:
    webhook.deliver(replace(notice, links=(("Run", "https://dagster.example/1"),), trend="▁▂"))
    (body,) = peer.taken.values()

    assert body["key"] == notice.key
    assert body["episode_key"] == notice.episode_key
    assert (body["kind"], body["level"]) == ("fire", "critical")
    assert body["facts"][0] == ["Value", "37.20"]
    assert body["links"] == [["Run", "https://dagster.example/1"]]
    assert (body["trend"], body["number"], body["late"]) == ("▁▂", 0, False)


def test_the_signature_covers_moment_and_body(
    webhook: Webhook, notice: Notice, peer: WebhookPeer
) -> None:
    webhook.deliver(notice)
    (request,) = peer.requests
    given = request.headers["X-Kpi-Signature"]

    assert given.startswith("t=1800000000,v1=")
    assert given == signature(SECRET, 1_800_000_000, request.body)
    assert given != signature(SECRET, 1_800_000_001, request.body)
    assert given != signature(SECRET, 1_800_000_000, request.body + b" ")


def test_without_a_secret_nothing_is_signed(notice: Notice) -> None:
    with WebhookPeer(secret=None) as peer:
        Webhook(peer.address, lambda: NOON).deliver(notice)

        assert "X-Kpi-Signature" not in peer.requests[0].headers


def test_a_wrong_secret_is_final(notice: Notice, peer: WebhookPeer) -> None:
    failure = _failure(Webhook(peer.address, lambda: NOON, "another"), notice)

    assert failure.permanent
    assert "HTTP 401" in str(failure)


def test_a_repetition_carries_the_same_key(
    webhook: Webhook, notice: Notice, peer: WebhookPeer
) -> None:
    peer.fail(Fault(reset="after"))
    _failure(webhook, notice)
    webhook.deliver(notice)

    assert len(peer.requests) == 2
    assert list(peer.taken) == [notice.key]


@pytest.mark.parametrize("key", ["café/1", "a\nb: c", "x" * 256])
def test_a_key_that_no_header_can_hold_is_hashed(
    webhook: Webhook, notice: Notice, peer: WebhookPeer, key: str
) -> None:
    webhook.deliver(replace(notice, key=key))
    ((header, body),) = peer.taken.items()

    assert len(header) == 64
    assert body["key"] == key


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(
    webhook: Webhook, notice: Notice, peer: WebhookPeer, status: int
) -> None:
    with WebhookPeer() as elsewhere:
        peer.fail(Fault(status=status, location=elsewhere.address))
        failure = _failure(webhook, notice)

        assert elsewhere.requests == []
    assert failure.permanent == (status in {301, 308})


@pytest.mark.parametrize(
    ("status", "permanent"),
    [
        *((code, False) for code in (408, 409, 425, 429, 500, 502, 503, 504)),
        *((code, True) for code in (400, 401, 403, 404, 405, 410, 413, 422)),
    ],
)
def test_a_status_says_whether_to_try_again(
    webhook: Webhook, notice: Notice, peer: WebhookPeer, status: int, *, permanent: bool
) -> None:
    peer.fail(Fault(status=status, retry_after="9"))
    failure = _failure(webhook, notice)

    assert failure.permanent == permanent
    assert failure.retry_after == (None if permanent else 9)
    assert f"HTTP {status}" in str(failure)


@pytest.mark.parametrize("fault", [Fault(reset="before"), Fault(hang=True)])
def test_no_answer_is_tried_again(
    webhook: Webhook, notice: Notice, peer: WebhookPeer, fault: Fault
) -> None:
    peer.fail(fault)

    assert not _failure(webhook, notice).permanent


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_yes_is_a_yes(webhook: Webhook, notice: Notice, peer: WebhookPeer, status: int) -> None:
    peer.fail(Fault(status=status, body="" if status == 204 else json.dumps({})))

    assert webhook.deliver(notice) == ""


def test_a_login_in_the_address_is_given_as_a_header(notice: Notice, peer: WebhookPeer) -> None:
    address = peer.address.replace("http://", "http://kpi:p%40ss@")

    Webhook(address, lambda: NOON, SECRET).deliver(notice)

    (request,) = peer.requests
    assert request.headers["Authorization"] == "Basic a3BpOnBAc3M="
    assert "@" not in request.headers["Host"]
