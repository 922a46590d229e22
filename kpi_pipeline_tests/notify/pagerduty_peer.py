"""A small honest PagerDuty: its Events API v2 with its limits, and the incidents it opens."""

import json
from dataclasses import dataclass, field
from typing import Any

from kpi_pipeline_tests.notify.http_peer import HttpPeer, Json, Reply, Request, as_json

KEY = "0123456789abcdef0123456789abcdef"
_SEVERITIES = {"critical", "error", "warning", "info"}
_ACTIONS = {"trigger", "acknowledge", "resolve"}


@dataclass(slots=True)
class Incident:
    """What responders see: one a dedup key while it is open."""

    dedup_key: str
    summary: str
    severity: str
    acknowledged: bool = False
    resolved: bool = False
    events: list[Json] = field(default_factory=list)


class PagerDutyPeer(HttpPeer):
    """One service with one integration key."""

    def __init__(self, key: str = KEY) -> None:
        super().__init__()
        self.key = key
        self.incidents: list[Incident] = []

    def reply(self, request: Request) -> Reply:
        if (request.method, request.path) != ("POST", "/v2/enqueue"):
            return Reply(status=404, body="")
        problem = _problem(request, self.key)
        if problem:
            invalid = {"status": "invalid event", "message": "Event object is invalid"}
            return as_json(invalid | {"errors": [problem]}, 400)
        self._take(json.loads(request.body))
        taken = {"status": "success", "message": "Event processed"}
        return as_json(taken | {"dedup_key": request.args["dedup_key"]}, 202)

    def _take(self, event: Json) -> None:
        key = event["dedup_key"]
        found = next((i for i in self.incidents if i.dedup_key == key and not i.resolved), None)
        if event["event_action"] in {"acknowledge", "resolve"}:
            if found:  # both open nothing
                found.acknowledged = True
                found.resolved = event["event_action"] == "resolve"
                found.events.append(event)
            return
        payload = event["payload"]
        if found is None:
            found = Incident(key, payload["summary"], payload["severity"])
            self.incidents.append(found)
        found.severity = payload["severity"]
        found.events.append(event)


def _problem(request: Request, key: str) -> str:
    event, payload = request.args, request.args.get("payload", {})
    links: Any = event.get("links", [])
    limits = [
        (len(request.body) <= 512 * 1024, "Event is larger than 512 KB"),
        (event.get("routing_key") == key, "routing_key is unknown"),
        (event.get("event_action") in _ACTIONS, "event_action is invalid"),
        (0 < len(event.get("dedup_key", "")) <= 255, "dedup_key is empty, or over 255 characters"),
        (0 < len(payload.get("summary", "")) <= 1024, "summary is empty, or over 1024 characters"),
        (bool(payload.get("source")), "source is empty"),
        (payload.get("severity") in _SEVERITIES, "severity is invalid"),
        (isinstance(payload.get("custom_details", {}), dict), "custom_details is no object"),
        (all(link.get("href", "").startswith("http") for link in links), "a link leads nowhere"),
    ]
    return next((problem for holds, problem in limits if not holds), "")
