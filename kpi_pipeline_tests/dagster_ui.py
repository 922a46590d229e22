"""Asks a running Dagster what its UI would show."""

import json
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
SELECTOR = {
    "repositoryName": "__repository__",
    "repositoryLocationName": "kpi_pipeline",
    "sensorName": "sales_sensor",
}
SNAPSHOT = """
query { assetOrError(assetKey: {path: ["sales", "kpi_snapshot"]}) { ... on Asset {
  assetMaterializations(limit: 1) { runId metadataEntries { label
    ... on FloatMetadataEntry { floatValue } ... on IntMetadataEntry { intValue }
    ... on MarkdownMetadataEntry { mdStr } ... on TextMetadataEntry { text } } } } } }
"""
SENSOR = """
query Look($selector: SensorSelector!) { sensorOrError(sensorSelector: $selector) {
  ... on Sensor { sensorState { status typeSpecificData { ... on SensorData { lastCursor } }
    ticks(limit: 20) { status skipReason cursor runIds error { message } } } } } }
"""
SET_CURSOR = """
mutation Set($selector: SensorSelector!, $cursor: String) {
  setSensorCursor(sensorSelector: $selector, cursor: $cursor) { __typename } }
"""
RUNS = "query { runsOrError { ... on Runs { results { runId status tags { key value } } } } }"


@dataclass(frozen=True)
class DagsterUi:
    """A running Dagster's GraphQL."""

    url: str

    def ask(self, query: str, **variables: object) -> dict[str, Any]:
        """Run a query; fails on any error."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(  # noqa: S310 - loopback
            f"{self.url}/graphql", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=20) as reply:  # noqa: S310
            answer = json.load(reply)
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    def snapshot(self) -> dict[str, Any]:
        """The metadata of the latest materialization; empty before the first."""
        found = self.ask(SNAPSHOT)["assetOrError"].get("assetMaterializations")
        if not found:
            return {}
        entries = found[0]["metadataEntries"]
        values = ("floatValue", "intValue", "mdStr", "text")
        return {
            entry["label"]: next((entry[key] for key in values if entry.get(key) is not None), None)
            for entry in entries
        }

    def sensor(self) -> dict[str, Any]:
        """Status, cursor and last ticks of the sensor."""
        state: dict[str, Any] = self.ask(SENSOR, selector=SELECTOR)["sensorOrError"]["sensorState"]
        return state

    def cursor(self) -> str | None:
        """The sensor's cursor."""
        data = self.sensor()["typeSpecificData"]
        return data["lastCursor"] if data else None

    def set_cursor(self, cursor: str | None) -> None:
        """Do what the UI's "set cursor" does, between two ticks: one in flight overwrites it."""
        eventually(lambda: self.sensor()["ticks"][0]["status"] != "STARTED", "the tick's end")
        done = self.ask(SET_CURSOR, selector=SELECTOR, cursor=cursor)["setSensorCursor"]
        assert done["__typename"] == "Sensor"

    def set_cursor_until(self, cursor: str, told: str) -> None:
        """Set it until a tick has said so: one whose end is being written overwrites it too."""

        def heard() -> bool:
            if any(told in said for said in self.said()):
                return True
            if (self.cursor() or "") != cursor:
                self.set_cursor(cursor)
            return False

        eventually(heard, f"a tick that says {told!r}", 180)

    def reasons(self) -> list[str]:
        """Why each run was requested, newest first."""
        runs = self.ask(RUNS)["runsOrError"]["results"]
        tags = [{tag["key"]: tag["value"] for tag in run["tags"]} for run in runs]
        return [tag.get("kpi/reason", "") for tag in tags]

    def said(self) -> list[str]:
        """Why runs were requested, and why ticks that met one under way were skipped."""
        skipped = [tick["skipReason"] or "" for tick in self.sensor()["ticks"]]
        return [*self.reasons(), *skipped]

    def finished(self) -> list[str]:
        """Status of each run, newest first."""
        return [run["status"] for run in self.ask(RUNS)["runsOrError"]["results"]]


def eventually(look: Callable[[], T], what: str, seconds: float = 120) -> T:
    """Wait for a look to give something true, and return it."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.3)
    return found
