"""Dagster hands every word of the declaration on; what the parser knows, the component knows."""

from pathlib import Path

import pytest

from kpi_pipeline.model.declaration.schema.document import attributes
from kpi_pipeline.orchestration.component import KpiPipelineComponent
from kpi_pipeline_tests.sales import DECLARATION

EVERY_WORD = """
  every: 2m
  start: 2025-01-01
  owners: {payments: {notify: [slack]}}
  freshness: {warn_after: 10m, owner: payments}
  failures: {after: 7m, notify: [log]}
  audit: {every: 20m}
  keep_minutes: 21 days
"""


def test_the_component_has_a_field_for_every_word_of_the_schema() -> None:
    assert set(KpiPipelineComponent.model_fields) == set(attributes()["properties"])


@pytest.mark.filterwarnings("ignore:.parse_obj_as. is deprecated")  # Dagster's own
def test_every_word_reaches_the_pipeline_through_dagster() -> None:
    text = DECLARATION.partition("attributes:")[2] + EVERY_WORD

    component = KpiPipelineComponent.resolve_from_yaml(text)
    spec = component.spec(Path("sales"))

    assert spec.failures.notify == ("log",)
    assert spec.freshness.notify == ("slack",)
    assert spec.keep_minutes.days == 21
    assert spec.every.total_seconds() == 120
