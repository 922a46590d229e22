"""slack_sdk's clients, made to follow no redirect: theirs would take the token along."""

from typing import Any
from urllib.request import Request

from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient, WebhookResponse

from kpi_pipeline.notify.web import staying


class StayingWebClient(WebClient):
    """Sends the token to the address that it was given for, and to no other."""

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:  # noqa: ARG002
        with staying(self.proxy).open(req, timeout=self.timeout) as reply:
            body = reply.read().decode(reply.headers.get_content_charset() or "utf-8")
            return {"status": reply.status, "headers": reply.headers, "body": body}


class StayingWebhookClient(WebhookClient):
    """Posts to its own address, and to no other."""

    def _perform_http_request_internal(self, url: str, req: Request) -> WebhookResponse:
        with staying(self.proxy).open(req, timeout=self.timeout) as reply:
            body = reply.read().decode(reply.headers.get_content_charset() or "utf-8")
            return WebhookResponse(
                url=url, status_code=reply.status, body=body, headers=reply.headers
            )
