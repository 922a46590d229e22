"""E-mail, against a server that greylists, refuses and hangs up."""

import socket
import ssl
import subprocess
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from kpi_pipeline.model.errors import DeliveryError
from kpi_pipeline.model.notice import Notice, NoticeKind
from kpi_pipeline.notify.email import Email
from kpi_pipeline.notify.email_message import compose, message_id
from kpi_pipeline.notify.email_server import MailServer, mail_server
from kpi_pipeline_tests.notify.mail_peer import PASSWORD, USER, MailPeer

NOON = 1_800_000_000.0
OPS = "ops@example.com"


def _email(peer: MailPeer, recipient: str = OPS, *, password: str | None = None) -> Email:
    user = USER if password else None
    server = MailServer(host="127.0.0.1", port=peer.port, user=user, password=password)
    return Email(
        server=server, sender="KPI <kpi@example.com>", recipient=recipient, clock=lambda: NOON
    )


def _failure(email: Email, notice: Notice) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        email.deliver(notice)
    return caught.value


def _part(mail: EmailMessage, kind: str) -> str:
    (found,) = (part for part in mail.walk() if part.get_content_type() == kind)
    assert isinstance(found, EmailMessage)
    return str(found.get_content()).replace("\r\n", "\n")


def test_a_mail_says_the_same_in_plain_text_and_in_html(notice: Notice) -> None:
    linked = replace(notice, links=(("Runbook", "https://wiki.example/?a=1&b=2"),))
    with MailPeer() as peer:
        _email(peer).deliver(linked)
    ((mail, recipients),) = peer.mails

    assert recipients == [OPS]
    assert mail["Subject"] == f"🔴 CRITICAL: {notice.text}"
    assert (mail["From"], mail["To"]) == ("KPI <kpi@example.com>", OPS)
    assert mail["Date"] == "Fri, 15 Jan 2027 08:00:00 +0000"
    assert "Bound: < 40.00\n" in _part(mail, "text/plain")
    assert "<td><b>Bound</b></td><td>&lt; 40.00</td>" in _part(mail, "text/html")
    assert '<a href="https://wiki.example/?a=1&amp;b=2">' in _part(mail, "text/html")


def test_the_mails_of_an_episode_are_one_thread(notice: Notice) -> None:
    with MailPeer() as peer:
        root = _email(peer).deliver(notice)
        _email(peer).deliver(replace(notice, key="k/resolve", kind=NoticeKind.RESOLVE), root)
    (first, _), (last, _) = peer.mails

    assert first["Message-ID"] == root
    assert first["In-Reply-To"] is None
    assert last["In-Reply-To"] == last["References"] == root
    assert last["Message-ID"] != root
    assert root.endswith("@example.com>")


def test_a_thread_is_named_plainly_however_long_the_senders_domain_is(notice: Notice) -> None:
    sender = "kpi@alerts.eu-central-1.internal.some-company.example.com"
    root = message_id("the first", sender)

    mail = compose(notice, sender=sender, recipient=OPS, root=root, at=NOON)

    for name in ("In-Reply-To", "References"):
        assert f"{name}: {root}\r\n".encode() in mail.as_bytes()


def test_values_from_data_can_neither_add_headers_nor_markup(notice: Notice) -> None:
    hostile = replace(
        notice,
        text="x\r\nBcc: evil@example.com",
        facts=(("<b>", "<script>\n.\r\n"), ("\ud800", "\x00")),
    )
    with MailPeer() as peer:
        _email(peer).deliver(hostile)
    ((mail, recipients),) = peer.mails

    assert recipients == [OPS]
    assert mail["Bcc"] is None
    assert "<script>" not in _part(mail, "text/html")


def test_a_greylist_passes(notice: Notice) -> None:
    with MailPeer(greylist=True) as peer:
        failure = _failure(_email(peer), notice)
        _email(peer).deliver(notice)

    assert not failure.permanent
    assert "for now: 451" in str(failure)
    assert len(peer.mails) == 1


def test_a_refused_recipient_is_final_and_others_get_their_mail(notice: Notice) -> None:
    with MailPeer(refusals={"gone@example.com": "550 5.1.1 no such user"}) as peer:
        failure = _failure(_email(peer, "gone@example.com"), notice)
        _email(peer).deliver(notice)

    assert failure.permanent
    assert "refuses the recipient: 550" in str(failure)
    assert "gone@example.com" in str(failure)
    assert [recipients for _, recipients in peer.mails] == [[OPS]]


@pytest.mark.parametrize(
    ("reply", "permanent"), [("554 5.7.1 spam", True), ("452 4.3.1 full", False)]
)
def test_what_it_says_after_the_message_counts(
    notice: Notice, reply: str, *, permanent: bool
) -> None:
    with MailPeer(data_reply=reply) as peer:
        failure = _failure(_email(peer), notice)

    assert failure.permanent == permanent
    assert reply[:3] in str(failure)


def test_a_line_that_breaks_after_the_message_is_tried_again_under_the_same_id(
    notice: Notice,
) -> None:
    with MailPeer(drop=True) as peer:
        failure = _failure(_email(peer), notice)
        assert _email(peer).find(notice) is None
        _email(peer).deliver(notice)
    (first, _), (second, _) = peer.mails

    assert not failure.permanent
    assert "may or may not have taken" in str(failure)
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # as a bad server does
def test_a_login_is_refused_for_good(notice: Notice) -> None:
    with MailPeer(login=True) as peer:
        failure = _failure(_email(peer, password=f"not {PASSWORD}"), notice)
        _email(peer, password=PASSWORD).deliver(notice)

    assert failure.permanent
    assert "refuses the login: 535" in str(failure)
    assert PASSWORD not in str(failure)
    assert peer.logins[-1]
    assert not any(peer.logins[:-1])


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """For 127.0.0.1, trusted by this process."""
    key, pem = tmp_path / "key.pem", tmp_path / "cert.pem"
    request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=mail"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(pem)]
    subprocess.run(
        ["openssl", *request.split(), *names],
        check=True,
        capture_output=True,
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem, key)
    return context


def test_encryption_is_used_where_it_is_offered(
    notice: Notice, certificate: ssl.SSLContext
) -> None:
    with MailPeer(context=certificate, login=True) as peer:
        _email(peer, password=PASSWORD).deliver(notice)

    assert peer.encrypted == [True]


def test_a_certificate_that_is_not_trusted_is_final(
    notice: Notice, certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with MailPeer(context=certificate) as peer:
        failure = _failure(_email(peer), notice)

    assert failure.permanent
    assert "certificate" in str(failure)
    assert peer.mails == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # as a bad server does
def test_no_password_leaves_this_machine_in_the_clear(
    notice: Notice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MailServer, "is_here", property(lambda _: False))
    with MailPeer(login=True) as peer:
        failure = _failure(_email(peer, password=PASSWORD), notice)

    assert failure.permanent
    assert "offers no encryption" in str(failure)
    assert peer.logins == []


def test_nobody_listening_is_tried_again(notice: Notice) -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    email = Email(
        server=MailServer(host="127.0.0.1", port=port),
        sender="kpi@example.com",
        recipient=OPS,
        clock=lambda: NOON,
    )
    failure = _failure(email, notice)

    assert not failure.permanent
    assert "Connection refused" in str(failure)


def test_a_server_that_says_nothing_is_given_up(notice: Notice) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = MailServer(host="127.0.0.1", port=silent.getsockname()[1])
        email = Email(
            server=server, sender="kpi@example.com", recipient=OPS, clock=lambda: NOON, timeout=0.2
        )

        assert not _failure(email, notice).permanent


@pytest.mark.parametrize(
    ("url", "host", "port", "tls"),
    [
        ("smtp://mail.example.com", "mail.example.com", 25, False),
        ("smtp://kpi:s3cret@mail.example.com", "mail.example.com", 587, False),
        ("smtps://kpi:s3cret@mail.example.com", "mail.example.com", 465, True),
        ("smtp://[::1]:2525", "::1", 2525, False),
    ],
)
def test_a_url_names_the_server(url: str, host: str, port: int, *, tls: bool) -> None:
    server = mail_server(url)

    assert server is not None
    assert (server.host, server.port, server.tls) == (host, port, tls)
    assert "s3cret" not in repr(server)


def test_a_login_is_decoded() -> None:
    server = mail_server("smtp://kpi%40example.com:p%2Fw%40x@mail.example.com")

    assert server is not None
    assert (server.user, server.password) == ("kpi@example.com", "p/w@x")


@pytest.mark.parametrize(
    "url", ["mail.example.com", "http://x", "smtp://", "smtp://[::1", "smtp://x:y"]
)
def test_what_names_no_server_is_none(url: str) -> None:
    assert mail_server(url) is None
