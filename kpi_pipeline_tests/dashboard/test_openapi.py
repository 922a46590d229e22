"""Requests made up from the description: no answer is a fault, and each is what it says."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from kpi_pipeline_tests.dashboard.real import Shop
from kpi_pipeline_tests.dashboard.running import BEARER, Running, eventually

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
ENDLESS = "/stream"


def test_no_request_is_answered_by_a_fault(near: Running) -> None:
    answered_well(near)


def test_no_request_is_a_fault_of_real_databases(shop: Shop) -> None:
    shop.sales.advance()  # it may have been opened long ago
    eventually(lambda: shop.running.get("/readyz").status_code == 200)

    answered_well(shop.running)


def answered_well(running: Running) -> None:
    described = schemathesis.openapi.from_dict(running.body("/openapi.json"))
    results = described.exclude(path=ENDLESS).get_all_operations()
    found = [result.ok() for result in results if isinstance(result, Ok)]

    assert len(found) == 17
    for operation in found:

        @settings(
            max_examples=8,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def answered(case: Case[Any]) -> None:
            if case.path == "/readyz":  # the gallery as a whole is never ready
                case.query = {"pipeline": running.body("/api/v1/pipelines")["pipelines"][0]["name"]}
            case.call_and_validate(
                base_url=running.url, checks=CHECKS, headers=BEARER, session=None, timeout=15
            )

        answered()
