"""The external assets: their kind, as far as the settings tell it without a connection."""

import dagster as dg
import pytest

from kpi_pipeline.orchestration.build import build_definitions
from kpi_pipeline.orchestration.sources import with_sources
from kpi_pipeline.orchestration.wiring import Wiring
from kpi_pipeline_tests.unit.builders import sales


@pytest.mark.parametrize(
    ("url", "kinds"),
    [
        (None, {"table"}),
        ("postgresql://reader@db/shop", {"table", "postgres"}),
        ("mysql://reader@db/shop", {"table", "mariadb"}),
        ("sqlite:///shop.db", {"table", "sqlite"}),
        ("nonsense", {"table"}),
        ("oracle://reader@db/shop", {"table"}),
    ],
)
def test_the_url_tells_the_kind_of_the_table(
    url: str | None, kinds: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KPI_SOURCE_URL", raising=False)
    if url is not None:
        monkeypatch.setenv("KPI_SOURCE_URL", url)

    loaded = with_sources(build_definitions(Wiring(sales())))

    (source,) = (spec for spec in loaded.assets or () if isinstance(spec, dg.AssetSpec))
    assert source.kinds == kinds


def test_settings_that_cannot_be_read_stop_no_definitions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_PORT", "everywhere")

    loaded = with_sources(build_definitions(Wiring(sales())))

    (source,) = (spec for spec in loaded.assets or () if isinstance(spec, dg.AssetSpec))
    assert source.kinds == {"table"}
