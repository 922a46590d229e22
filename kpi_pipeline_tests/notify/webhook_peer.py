"""A webhook's other side, as a careful team writes it: checks the signature, drops repetitions."""

import hashlib
import hmac

from kpi_pipeline_tests.notify.http_peer import HttpPeer, Json, Reply, Request

SECRET = "a-shared-s3cret"  # noqa: S105 - opens nothing
PATH = "/hooks/xyz-Hush7"


class WebhookPeer(HttpPeer):
    """Takes each notice once.

    Args:
        secret: None takes unsigned messages.
    """

    def __init__(self, secret: str | None = SECRET) -> None:
        super().__init__()
        self.secret = secret
        self.taken: dict[str, Json] = {}

    @property
    def address(self) -> str:
        return self.url + PATH

    def reply(self, request: Request) -> Reply:
        if request.path != PATH:
            return Reply(status=404, body="")
        if self.secret and not _is_signed(request, self.secret):
            return Reply(status=401, body="who are you?")
        self.taken.setdefault(request.headers["Idempotency-Key"], request.args)
        return Reply(status=204, body="")


def _is_signed(request: Request, secret: str) -> bool:
    parts = dict(part.split("=", 1) for part in request.headers["X-Kpi-Signature"].split(","))
    signed = hmac.new(secret.encode(), parts["t"].encode() + b"." + request.body, hashlib.sha256)
    return hmac.compare_digest(signed.hexdigest(), parts["v1"])
