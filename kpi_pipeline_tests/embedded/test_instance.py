"""Dagster's storage: found through the environment, and silent about its password."""

from pathlib import Path

import pytest
from dagster import DagsterInstance
from sqlalchemy import make_url

from kpi_pipeline.embedded.cluster import Cluster
from kpi_pipeline.orchestration.instance import (
    EnvironmentStorage,
    StorageError,
    normalise,
    storage_url,
)

ROOT = Path(__file__).resolve().parents[2]
SECRET = "s3cret/pw%"  # noqa: S105  not one
ESCAPED = "s3cret%2Fpw%25"


@pytest.fixture
def instance_folder(tmp_path: Path) -> Path:
    (tmp_path / "dagster.yaml").write_text((ROOT / "dagster.yaml").read_text())
    return tmp_path


@pytest.mark.parametrize(
    "scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"]
)
def test_every_way_to_write_postgresql_means_psycopg2(scheme: str) -> None:
    url = normalise(f" {scheme}://me:{ESCAPED}@host:5433/dagster?sslmode=require ")

    assert url.drivername == "postgresql+psycopg2"
    assert (url.password, url.port, url.query["sslmode"]) == (SECRET, 5433, "require")


@pytest.mark.parametrize(
    "text", [f"mysql://me:{SECRET}@host/dagster", f"postgresql://me:{ESCAPED}@host:port/x", SECRET]
)
def test_anything_else_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(StorageError, match="Expected: postgresql://") as caught:
        normalise(text)

    assert "s3cret" not in str(caught.value)


def test_without_a_url_the_embedded_server_is_used(postgres: Cluster) -> None:
    url = storage_url({"KPI_HOME": str(postgres.home), "DAGSTER_STORAGE_URL": ""})

    assert url == make_url(postgres.url("dagster", "psycopg2"))


def test_no_password_leaves_the_storage(
    database: str, instance_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = database.replace("postgres@", f"postgres:{ESCAPED}@")
    monkeypatch.setenv("DAGSTER_STORAGE_URL", given)
    with DagsterInstance.from_config(str(instance_folder)) as instance:
        reference = instance.get_ref()
        storage = reference.storage
        child = DagsterInstance.from_ref(reference)

        assert isinstance(storage, EnvironmentStorage)
        assert make_url(storage.postgres_url).password == SECRET
        for told in (instance.info_str(), repr(reference), str(storage.inst_data)):
            assert "s3cret" not in told
        assert child.run_storage.get_runs_count() == 0
        child.dispose()


def test_a_database_that_does_not_answer_is_named_without_its_password(
    instance_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"postgresql://me:{ESCAPED}@127.0.0.1:1/dagster?password={ESCAPED}"
    monkeypatch.setenv("DAGSTER_STORAGE_URL", url)

    with pytest.raises(StorageError, match=r"me:\*\*\*@127\.0\.0\.1:1/dagster ") as caught:
        DagsterInstance.from_config(str(instance_folder))

    assert "s3cret" not in str(caught.value)
    assert "Check DAGSTER_STORAGE_URL" in str(caught.value)
