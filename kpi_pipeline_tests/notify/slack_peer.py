"""A small honest Slack over loopback HTTP, which can also fail on request.

In a test: `with SlackPeer() as peer: ...`. By itself, as `python -m` with `--port 9999`, it prints
its addresses, then each accepted message as a line of JSON. Beside Slack's own paths: GET /messages
returns what was accepted, POST /faults ({"times": 2, "status": 500}) orders faults.
"""

import argparse
import itertools
import json
import signal
import sys
from collections.abc import Callable

from kpi_pipeline_tests.notify.http_peer import Fault, HttpPeer, Json, Reply, Request, as_json
from kpi_pipeline_tests.notify.slack_limits import message_problem

__all__ = ["CHANNEL", "TOKEN", "WEBHOOK", "Fault", "SlackPeer"]

API, WEBHOOK = "/api/", "/services/T/B/X"
TOKEN, CHANNEL = "xoxb-peer-token", "C0OPS"


def _error(code: str) -> Reply:
    """Slack's refusals of the Web API come with status 200."""
    return as_json({"ok": False, "error": code})


class SlackPeer(HttpPeer):
    """A Slack with one workspace, its channels, and the messages that it accepted.

    A message that was edited also holds the text as it was `posted`, and how many `edits` it had.

    Args:
        port: Where to listen; 0 picks a free port.
        token: The only bot token that it knows.
        channels: The state of each channel by ID; an error code such as `is_archived`, or "".
        on_message: Called with each accepted message.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        token: str = TOKEN,
        channels: dict[str, str] | None = None,
        on_message: Callable[[Json], None] = lambda _: None,
    ) -> None:
        super().__init__(port)
        self.token = token
        self.channels = {CHANNEL: "", "C0OLD": "is_archived", "C0OUT": "not_in_channel"}
        self.channels |= channels or {}
        self.messages: list[Json] = []
        self._on_message = on_message
        self._numbers = itertools.count(1)

    @property
    def api_url(self) -> str:
        return self.url + API

    @property
    def webhook_url(self) -> str:
        return self.url + WEBHOOK

    def refusal(self, code: str) -> Reply:
        return _error(code)

    def aside(self, request: Request) -> Reply | None:
        if (request.method, request.path) == ("GET", "/messages"):
            return as_json(self.messages)
        if request.path == "/faults":
            order = json.loads(request.body)
            self.fail(times=order.pop("times", 1), fault=Fault(**order))
            return as_json({"ok": True})
        return None

    def reply(self, request: Request) -> Reply:
        match request.path:
            case "/api/chat.postMessage":
                return self._authorized(request, self._post_message)
            case "/api/chat.update":
                return self._authorized(request, self._update)
            case "/api/conversations.history":
                return self._authorized(request, self._history)
            case "/api/conversations.replies":
                return self._authorized(request, self._replies)
            case str(path) if path.startswith("/services/"):
                return self._webhook(request)
            case _:
                return _error("unknown_method")

    def delete(self, ts: str) -> None:
        """What people can do to any message."""
        self.messages[:] = [message for message in self.messages if message["ts"] != ts]

    def _authorized(self, request: Request, method: Callable[[Json], Reply]) -> Reply:
        token = request.token or request.args.get("token", "")
        if token != self.token:
            return _error("invalid_auth" if token else "not_authed")
        channel = self.channels.get(request.args.get("channel", ""), "channel_not_found")
        return _error(channel) if channel else method(request.args)

    def _post_message(self, args: Json) -> Reply:
        problem = message_problem(args)
        if problem:
            return _error(problem)
        if "thread_ts" in args and self._message(args["channel"], args["thread_ts"]) is None:
            return _error("thread_not_found")
        message = self._accept(args["channel"], args)
        return as_json({"ok": True, "channel": args["channel"], "ts": message["ts"]})

    def _update(self, args: Json) -> Reply:
        message = self._message(args["channel"], args.get("ts", ""))
        if message is None:
            return _error("message_not_found")
        problem = message_problem(args)
        if problem:
            return _error(problem)
        message.setdefault("posted", message["text"])
        # What is not said stays, the metadata above all.
        message |= {name: args[name] for name in ("text", "blocks", "metadata") if name in args}
        message["edits"] = message.get("edits", 0) + 1
        return as_json({"ok": True, "channel": args["channel"], "ts": message["ts"]})

    def _webhook(self, request: Request) -> Reply:
        if request.path != WEBHOOK:
            return Reply(status=404, body="no_service")
        problem = message_problem(request.args) if request.args else "invalid_payload"
        if problem:
            return Reply(status=400, body=problem)
        self._accept("", request.args)
        return Reply(body="ok")

    def _accept(self, channel: str, args: Json) -> Json:
        number = next(self._numbers)
        message: Json = {"ts": f"{1_700_000_000 + number}.{number:06d}", "channel": channel}
        kept = ("text", "blocks", "metadata", "thread_ts", "reply_broadcast")
        message |= {name: args[name] for name in kept if name in args}
        self.messages.append(message)
        self._on_message(message)
        return message

    def _message(self, channel: str, ts: str) -> Json | None:
        found = (m for m in self.messages if (m["channel"], m["ts"]) == (channel, ts))
        return next(found, None)

    def _history(self, args: Json) -> Reply:
        here = [m for m in reversed(self.messages) if m["channel"] == args["channel"]]
        return _page([m for m in here if "thread_ts" not in m or m.get("reply_broadcast")], args)

    def _replies(self, args: Json) -> Reply:
        channel, root = args["channel"], args.get("ts", "")
        if self._message(channel, root) is None:
            return _error("thread_not_found")
        here = (m for m in self.messages if m["channel"] == channel)
        return _page([m for m in here if root in (m["ts"], m.get("thread_ts"))], args)


def _page(shown: list[Json], args: Json) -> Reply:
    """One page of messages, as history and replies give it."""
    hidden = {"channel", "posted", "edits"}
    hidden |= set() if args.get("include_all_metadata") == "1" else {"metadata"}
    start, limit = int(args.get("cursor") or 0), min(int(args.get("limit") or 100), 999)
    page = [
        {"type": "message"} | {name: m[name] for name in m if name not in hidden}
        for m in shown[start : start + limit]
    ]
    more = start + limit < len(shown)
    reply: Json = {"ok": True, "messages": page, "has_more": more}
    if more:
        reply["response_metadata"] = {"next_cursor": str(start + limit)}
    return as_json(reply)


def main() -> None:
    """Serve until told to end; print the addresses, then every message that is accepted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--channel", default=CHANNEL)
    options = parser.parse_args()
    # Held back and waited for: a handler could interrupt the very wait that it means to end.
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    with SlackPeer(
        port=options.port,
        token=options.token,
        channels={options.channel: ""},
        on_message=lambda message: _say(json.dumps(message)),
    ) as peer:
        _say(f"api {peer.api_url}\nwebhook {peer.webhook_url}\ntoken {peer.token}")
        signal.sigwait(ends)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
