"""A first look, as a person has it: real `dagster dev`, real ticks, the demo shop, Slack.

The tests tell one story in order, on one running deployment.
"""

import os
from pathlib import Path

import httpx
from playwright.sync_api import expect

from kpi_pipeline_tests.browser.chromium import browsing
from kpi_pipeline_tests.dagster_ui import eventually
from kpi_pipeline_tests.dev import Dev

REVENUE = "total_revenue/lifetime"
SLOW = 30_000


def test_the_first_snapshot_appears_and_a_year_of_history_fills_in(dev: Dev) -> None:
    eventually(lambda: dev.ui.snapshot() if _answers(dev) else {}, "a first snapshot", 180)

    full = eventually(
        lambda: _filled(dev.ui.snapshot()), "all of history folded, nothing left dirty", 120
    )

    assert full["guarantee"] == "exact"
    assert float(str(full[REVENUE])) > 4_500_000


def test_the_sum_in_the_ui_equals_the_sum_in_the_source(dev: Dev) -> None:
    def equal() -> bool:
        return dev.source_total() in str(dev.ui.snapshot()["kpis"])

    assert eventually(equal, "a moment at which no sale is on its way", 120)


def test_the_page_shows_what_dagster_shows(dev: Dev) -> None:
    found = httpx.get(f"{dev.page}/api/v1/kpis/total_revenue", timeout=15).json()
    lifetime = found["readings"][0]

    assert float(lifetime["value"]) > 4_500_000
    assert lifetime["state"] == "warn"  # the milestone


def test_the_kpis_their_checks_and_their_lineage_are_on_dagsters_asset_page(
    dev: Dev, tmp_path: Path
) -> None:
    pictures = Path(os.environ.get("KPI_PICTURES") or tmp_path)
    asset = f"{dev.ui.url}/assets/sales/kpi_snapshot"
    with browsing() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 1300})

        page.goto(f"{asset}?view=overview")
        expect(page.get_by_text(REVENUE).first).to_be_visible(timeout=SLOW)
        expect(page.get_by_role("cell", name="avg_order_value").first).to_be_visible(timeout=SLOW)
        page.screenshot(path=pictures / "asset.png")
        page.goto(f"{asset}?view=checks")
        for check in ("aov_low", "milestone", "freshness"):
            expect(page.get_by_text(check).first).to_be_visible(timeout=SLOW)
        page.screenshot(path=pictures / "checks.png")
        page.goto(f"{asset}?view=lineage")
        expect(page.get_by_text("transactions").first).to_be_visible(timeout=SLOW)
        page.screenshot(path=pictures / "lineage.png")


def test_the_milestone_was_told_once(dev: Dev) -> None:
    told = [message for message in dev.peer.messages if "milestone" in str(message)]

    assert len(told) == 1


def test_ticks_are_no_rewinds_and_idle_ticks_launch_nothing(dev: Dev) -> None:
    eventually(lambda: len(dev.ui.sensor()["ticks"]) >= 3, "three ticks")

    assert not any("rewound" in reason for reason in dev.ui.reasons())
    assert dev.ui.sensor()["status"] == "RUNNING"
    assert dev.ui.cursor() is not None


def test_an_emptied_cursor_gives_the_same_numbers_and_no_second_alert(dev: Dev) -> None:
    dev.ui.set_cursor_until("", "rewound to the beginning")
    eventually(lambda: dev.ui.finished()[0] == "SUCCESS", "its end")
    eventually(lambda: _filled(dev.ui.snapshot()), "nothing left dirty")

    test_the_sum_in_the_ui_equals_the_sum_in_the_source(dev)
    test_the_milestone_was_told_once(dev)
    eventually(dev.ui.cursor, "the cursor is the watermark again")
    assert set(dev.ui.finished()) <= {"SUCCESS", "STARTED", "STARTING", "NOT_STARTED"}


def test_garbage_in_the_cursor_is_told_on_the_tick(dev: Dev) -> None:
    dev.ui.set_cursor_until("yesterday", "is not a timestamp")

    eventually(lambda: (dev.ui.cursor() or "").startswith("20"), "the cursor is right again")


def test_sigterm_stops_everything_and_a_restart_keeps_history_and_cursor(dev: Dev) -> None:
    runs, cursor = len(dev.ui.finished()), dev.ui.cursor()
    assert dev.stop() == 0
    assert dev.left() == []

    dev.start()
    eventually(lambda: _answers(dev), "the UI again", 120)

    assert len(dev.ui.finished()) >= runs
    assert (dev.ui.cursor() or "") >= (cursor or "-")
    assert dev.stop() == 0
    assert dev.left() == []


def _filled(snapshot: dict[str, object]) -> dict[str, object]:
    return snapshot if snapshot.get("dirty_buckets_left") == 0 else {}


def _answers(dev: Dev) -> bool:
    assert dev.process.poll() is None, dev.log.read_text()[-3000:]
    try:
        dev.ui.sensor()
    except (OSError, KeyError):
        return False
    return True
