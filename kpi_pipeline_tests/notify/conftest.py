"""Notices worth sending."""

import pytest

from kpi_pipeline.model.notice import Level, Notice, NoticeKind


@pytest.fixture
def notice() -> Notice:
    return Notice(
        key="avg_order_value_low/EU/3/fire/critical/1/slack/C0OPS",
        episode_key="avg_order_value_low/EU/3",
        pipeline="sales",
        rule="avg_order_value_low",
        kind=NoticeKind.FIRE,
        level=Level.CRITICAL,
        text="CRIT avg_order_value 37.20 < 40.00 for 3m (EU)",
        headline="avg_order_value is below 40.00 in EU",
        facts=(("Value", "37.20"), ("Bound", "< 40.00"), ("Orders", "1,204")),
    )


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's proxy must not see, or answer, what goes to loopback."""
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
