"""What a person sees in Dagster's UI, in a real browser."""

import os
from pathlib import Path

from playwright.sync_api import Page, expect

from kpi_pipeline_tests.dagster_ui import eventually
from kpi_pipeline_tests.dev import Dev

SLOW = 30_000


def test_the_kpis_their_checks_and_their_lineage_are_on_the_asset_page(
    dev: Dev, page: Page, tmp_path: Path
) -> None:
    eventually(lambda: _filled(dev), "a year folded", 180)
    pictures = Path(os.environ.get("KPI_PICTURES") or tmp_path)

    page.goto(f"{dev.ui.url}/assets/sales/kpi_snapshot?view=overview")

    expect(page.get_by_text("total_revenue/lifetime").first).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("cell", name="avg_order_value").first).to_be_visible(timeout=SLOW)
    page.screenshot(path=pictures / "asset.png")
    page.goto(f"{dev.ui.url}/assets/sales/kpi_snapshot?view=checks")
    for check in ("aov_low", "milestone", "freshness"):
        expect(page.get_by_text(check).first).to_be_visible(timeout=SLOW)
    page.screenshot(path=pictures / "checks.png")
    page.goto(f"{dev.ui.url}/assets/sales/kpi_snapshot?view=lineage")
    expect(page.get_by_text("transactions").first).to_be_visible(timeout=SLOW)
    page.screenshot(path=pictures / "lineage.png")


def _filled(dev: Dev) -> bool:
    assert dev.process.poll() is None, dev.log.read_text()[-3000:]
    try:
        return dev.ui.snapshot().get("dirty_buckets_left") == 0
    except (OSError, KeyError):
        return False
