"""One declared pipeline in Dagster, on a test's own databases."""

from collections.abc import Iterator
from dataclasses import dataclass

import dagster as dg
import pytest

from kpi_pipeline.orchestration.build import build_definitions
from kpi_pipeline.orchestration.wiring import Wiring
from kpi_pipeline_tests.sales import Sales


@dataclass
class Deployment:
    """A shop, its definitions, and an instance that remembers runs in memory."""

    sales: Sales
    definitions: dg.Definitions
    instance: dg.DagsterInstance

    def tick(self, cursor: str | None = None) -> dg.SensorResult:
        """Evaluate the sensor as the daemon would."""
        (sensor,) = self.definitions.sensors or ()
        assert isinstance(sensor, dg.SensorDefinition)
        with dg.build_sensor_context(
            cursor=cursor, instance=self.instance, definitions=self.definitions
        ) as context:
            result = sensor(context)
        assert isinstance(result, dg.SensorResult)
        return result

    def materialize(self) -> dg.ExecuteInProcessResult:
        """Run the pipeline's job once."""
        job = self.definitions.resolve_job_def("sales_job")
        return job.execute_in_process(instance=self.instance, raise_on_error=False)

    def metadata(self, result: dg.ExecuteInProcessResult) -> dict[str, object]:
        """The plain values of the snapshot's metadata."""
        (event,) = result.asset_materializations_for_node("sales__kpi_snapshot")
        return {key: value.value for key, value in event.metadata.items()}


@pytest.fixture
def deployment(sales: Sales, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    monkeypatch.setenv("KPI_SOURCE_URL", sales.source_url)
    monkeypatch.setenv("KPI_STATE_URL", sales.state_url)
    for name in ("SLACK_BOT_TOKEN", "SLACK_CHANNEL", "SLACK_WEBHOOK_URL", "SLACK_API_URL"):
        monkeypatch.delenv(name, raising=False)
    wiring = Wiring(sales.spec)
    with dg.DagsterInstance.ephemeral() as instance:
        yield Deployment(sales, build_definitions(wiring), instance)
    wiring.close()
