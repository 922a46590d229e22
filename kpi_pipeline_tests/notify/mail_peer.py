"""A mail server that greylists, refuses, or hangs up after DATA, by aiosmtpd."""

import ssl
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, Self, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "kpi", "p@ss-Hush7"


class _AnyPort(Controller):
    def _trigger_server(self) -> None:
        self.port = cast("Any", self.server).sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@dataclass
class MailPeer:
    """One mail server.

    Attributes:
        refusals: The reply to a recipient, by address; the next one only if it says `once`.
        data_reply: What it says after DATA.
        drop: It hangs up after DATA, having taken the mail.
        login: Whether it wants one.
        context: TLS by STARTTLS, if given.
    """

    refusals: dict[str, str] = field(default_factory=dict)
    greylist: bool = False
    data_reply: str = ""
    drop: bool = False
    login: bool = False
    context: ssl.SSLContext | None = None
    mails: list[tuple[EmailMessage, list[str]]] = field(default_factory=list)
    logins: list[bool] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    encrypted: list[bool] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._controller = _AnyPort(
            self,
            hostname="127.0.0.1",
            port=0,
            auth_required=self.login,
            auth_require_tls=self.context is not None,
            authenticator=self._authenticate,
            tls_context=self.context,
        )
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    @property
    def port(self) -> int:
        return self._controller.port

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's names
        self, _server: object, _session: object, envelope: Envelope, address: str, _: object
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        if self.greylist and address not in self.seen:
            self.seen.add(address)
            return "451 4.7.1 greylisted, come again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
    ) -> str:
        if self.data_reply:
            return self.data_reply
        mail = message_from_bytes(cast("bytes", envelope.content), policy=default)
        self.mails.append((mail, list(envelope.rcpt_tos)))
        self.encrypted.append(session.ssl is not None)
        if self.drop:
            self.drop = False
            cast("Any", server.transport).abort()
        return "250 taken"

    def _authenticate(
        self,
        _server: object,
        _session: object,
        _envelope: object,
        _mechanism: str,
        data: Any,  # noqa: ANN401
    ) -> AuthResult:
        right = data == LoginPassword(USER.encode(), PASSWORD.encode())
        self.logins.append(right)
        return AuthResult(success=right, handled=right)  # or else it says no itself
