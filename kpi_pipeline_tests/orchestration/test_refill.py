"""A metric that cannot be filled makes the run red, and the snapshot of the others is there."""

from dataclasses import replace

from kpi_pipeline.orchestration.build import build_definitions
from kpi_pipeline.orchestration.wiring import Wiring
from kpi_pipeline_tests.orchestration.conftest import Deployment
from kpi_pipeline_tests.sales import DECLARATION

LARGEST = "    largest: {agg: max, expr: amount}\n"
SHARE = "    share: {agg: sum, expr: 1 / user_id}\n"


def test_a_failed_refill_is_told_by_name_beside_the_fresh_numbers(deployment: Deployment) -> None:
    deployment.sales.sell(10, user=0)
    assert deployment.materialize().success
    newer = replace(deployment.sales, declaration=DECLARATION.replace(LARGEST, LARGEST + SHARE))
    wiring = Wiring(newer.spec)
    redeployed = Deployment(newer, build_definitions(wiring), deployment.instance)
    newer.sell(20, user=5)
    (request,) = redeployed.tick().run_requests or ()
    assert "building share 0 %" in request.tags["kpi/reason"]

    result = redeployed.materialize()
    wiring.close()

    assert not result.success
    (failed,) = (e for e in result.all_events if e.is_step_failure)
    assert "metrics.share: division by zero" in str(failed.event_specific_data)
    found = redeployed.metadata(result)
    assert found["total_revenue/lifetime"] == 30
    assert found["building"] == "share 0 %"
    assert {item.check_name for item in result.get_asset_check_evaluations()} >= {"milestone"}
    newer.close()
