"""Histories of any kind end equal to the source; see `histories.py` for what they are made of.

`KPI_HISTORIES=5000` in the environment looks for new ones, at random, instead of the usual few.
"""

import os
from typing import cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from kpi_pipeline_tests.postgres.histories import Histories
from kpi_pipeline_tests.postgres.lossy_histories import LossyHistories
from kpi_pipeline_tests.sales import Sales

MANY = int(os.environ.get("KPI_HISTORIES", "0"))
SETTINGS = settings(
    derandomize=not MANY,
    max_examples=MANY or 10,
    stateful_step_count=25,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.mark.parametrize("kind", [Histories, LossyHistories])
@pytest.mark.timeout(0 if MANY else 900)
def test_every_history_ends_equal_to_the_source(sales: Sales, kind: type[Histories]) -> None:
    make = cast("type[Histories]", lambda: kind(sales))
    run_state_machine_as_test(make, settings=SETTINGS)
