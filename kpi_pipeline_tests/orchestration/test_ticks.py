"""Each look and run of Dagster is a tick that the board shows."""

import pytest

from kpi_pipeline.model.errors import KpiError
from kpi_pipeline.model.live import TickKind
from kpi_pipeline_tests.orchestration.conftest import Deployment


def test_runs_idle_looks_and_failures_are_ticks_and_looks_that_found_something_are_none(
    deployment: Deployment,
) -> None:
    sales = deployment.sales
    sales.sell(1)
    first = deployment.tick(None)
    deployment.materialize()
    idle = deployment.tick(first.cursor)
    sales.run("ALTER TABLE transactions RENAME amount TO price")
    with pytest.raises(KpiError):
        deployment.tick(idle.cursor)

    failure, look, run = sales.parts.store.records().ticks(9)

    assert [t.kind for t in (run, look, failure)] == [
        TickKind.RUN,
        TickKind.LOOK,
        TickKind.FAILURE,
    ]
    assert idle.skip_reason is not None
    assert look.reason == idle.skip_reason.skip_message
    assert "no column 'amount'" in failure.reason
    assert (run.rows, look.rows) == (1, 0)
    assert run.as_of is not None
    assert look.as_of is not None
    assert run.as_of < look.as_of
    assert run.watermark == look.watermark
    assert (failure.as_of, failure.watermark) == (None, None)
