"""How far a refill has come, wherever people look."""

from sqlalchemy import create_engine, text

from kpi_pipeline.cli.render import clocks
from kpi_pipeline.compute.table import kpi_table
from kpi_pipeline.orchestration.metadata import markdown
from kpi_pipeline_tests.postgres.declarations import WITHOUT, YEAR, Redeclared, snapshot
from kpi_pipeline_tests.sales import DECLARATION, Sales

FORGET = "UPDATE kpi.snapshot SET body = body #- '{snapshot,filled}'"


def test_the_table_the_clocks_and_the_sensor_say_how_far_it_is(sales: Sales) -> None:
    sales.run(YEAR)
    shop = Redeclared(sales)
    shop.declare(WITHOUT).advance()
    newer = shop.declare(DECLARATION)

    assert "building largest 0 %" in newer.peek().reason
    for _ in range(5):
        newer.advance(0)
    percent = snapshot(newer).filled["largest"]
    assert 0 < percent < 99
    assert f"building largest {percent} %" in newer.peek().reason
    assert f"(building {percent} %)" in markdown(kpi_table(snapshot(newer)))
    assert f"building     largest {percent} %" in clocks(snapshot(newer), newer.spec.timezone)
    newer.advance()
    assert "building" not in markdown(kpi_table(snapshot(newer)))
    shop.close()


def test_a_snapshot_of_an_earlier_release_is_still_read(sales: Sales) -> None:
    sales.sell(10)
    sales.advance()
    engine = create_engine(sales.state_url)
    with engine.begin() as connection:
        connection.execute(text(FORGET))
    engine.dispose()

    assert snapshot(sales).filled == {}
    assert sales.value("total_revenue") == 10
