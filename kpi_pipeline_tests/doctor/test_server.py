"""What needs a server of its own: a network, a standby, two-phase commits."""

from datetime import timedelta

import psycopg

from kpi_pipeline.model.finding import Severity
from kpi_pipeline_tests.doctor.mending import bad, dsn, look, look_at_state, mend
from kpi_pipeline_tests.doctor.server import Server
from kpi_pipeline_tests.sales import Sales

GID = "night's \\ job"


def test_rows_in_the_clear_over_a_network_are_told(shop: Sales, address: str) -> None:
    far = shop.source_url.replace("127.0.0.1", address)

    source, state = bad(look(shop, far)), bad(look_at_state(shop, far))

    assert f"in the clear to {address}" in source["source encryption"].what
    assert "sslmode=require" in source["source encryption"].remedy
    assert "KPI_STATE_URL" in state["state encryption"].remedy
    assert "source encryption" not in bad(look(shop))
    assert "state encryption" not in bad(look_at_state(shop))


def test_a_forgotten_prepared_transaction_is_shown_and_rolled_back(shop: Sales) -> None:
    with psycopg.connect(dsn(shop.source_url), autocommit=True) as owner:
        owner.execute("BEGIN")
        owner.execute("INSERT INTO transactions (amount) VALUES (5)")
        owner.execute("PREPARE TRANSACTION E'night''s \\\\ job'")
    patient = bad(look(shop))
    found = bad(look(shop, patience=timedelta(0)))["source prepared"]
    mend(found, shop.source_url)

    assert "source prepared" not in patient
    assert repr(GID) in found.what
    assert "in database postgres" in found.what
    assert "source prepared" not in bad(look(shop, patience=timedelta(0)))


def test_a_standby_is_told_to_be_one(shop: Sales, standby: Server) -> None:
    source = bad(look(shop, standby.url("127.0.0.1")))
    state = bad(look_at_state(shop, standby.url("127.0.0.1")))

    assert "the guarantee is bounded" in source["source standby"].what
    assert "source table" not in source
    assert state["state writes"].level is Severity.PROBLEM
    assert "primary" in state["state writes"].remedy
