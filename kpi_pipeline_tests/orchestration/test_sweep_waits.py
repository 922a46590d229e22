"""The sweep before an audit of all history: it waits for a fold, and is not claimed without one."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from kpi_pipeline.orchestration import reconcile
from kpi_pipeline_tests.orchestration.conftest import Deployment
from kpi_pipeline_tests.orchestration.test_reconcile import ALL, audit

NEWER = """
INSERT INTO transactions (created_at, amount) SELECT now() - interval '20 days', 0
FROM generate_series(1, 1100)
"""


def update_old_row(deployment: Deployment) -> None:
    deployment.sales.sell(5, at=datetime.now(UTC) - timedelta(days=3))
    deployment.sales.run(NEWER)
    deployment.materialize()
    deployment.sales.run("UPDATE transactions SET amount = 6 WHERE amount = 5")


def test_it_waits_until_another_process_has_folded(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "SWEEP_PAUSE", 0.1)
    update_old_row(deployment)
    held = threading.Event()

    def fold() -> None:
        with deployment.sales.parts.store.exclusive() as alone:
            assert alone
            held.set()
            time.sleep(2)

    folding = threading.Thread(target=fold)
    folding.start()
    assert held.wait(10)

    found = audit(deployment, ALL)
    folding.join()

    assert found.passed  # what the sweep has folded does not differ any more


def test_without_it_the_audit_finds_the_same(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reconcile, "SWEEP_PAUSE", 0.1)
    monkeypatch.setattr(reconcile, "SWEEP_TRIES", 2)
    update_old_row(deployment)

    with deployment.sales.parts.store.exclusive() as alone:
        found = audit(deployment, ALL)

    assert alone
    assert not found.passed
    assert "swept" not in capfd.readouterr().err
