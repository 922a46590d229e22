"""Many processes that use a pipeline for the first time, at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from threading import Barrier

from sqlalchemy import create_engine, text

from kpi_pipeline.assembly import assemble
from kpi_pipeline.model.batch import Batch, Slice
from kpi_pipeline_tests.sales import Sales
from kpi_pipeline_tests.truth import assert_state_equals_source

USERS = 8


def test_first_uses_at_once_all_find_the_same_blank_pipeline(sales: Sales) -> None:
    sales.peek()
    for name in (f"fresh_{n}" for n in range(20)):
        users = [assemble(replace(sales.spec, name=name), sales.settings) for _ in range(USERS)]
        together = Barrier(USERS)

        def load(index: int, users: list = users, together: Barrier = together) -> int:  # type: ignore[type-arg]
            together.wait()
            return int(users[index].store.load().revision)

        with ThreadPoolExecutor(USERS) as threads:
            found = list(threads.map(load, range(USERS)))
        for user in users:
            user.close()

        assert found == [0] * USERS


def test_a_row_that_went_with_a_restored_state_is_made_again_under_a_living_process(
    sales: Sales,
) -> None:
    sales.sell(1)
    sales.advance()
    forget_all(sales)

    assert "first fill" in sales.peek().reason
    sales.advance()

    assert_state_equals_source(sales)


def test_a_row_that_goes_while_the_source_is_read_makes_the_step_read_again(sales: Sales) -> None:
    sales.sell(1)
    sales.advance()
    sales.sell(2)
    read, gone = sales.parts.source.aggregate, list[bool]()

    def aggregate(piece: Slice, as_of: datetime) -> Batch:
        if not gone:
            gone.append(True)
            forget_all(sales)
        return read(piece, as_of)

    sales.parts.source.aggregate = aggregate  # type: ignore[method-assign]
    sales.advance()

    assert gone
    assert_state_equals_source(sales)


def forget_all(sales: Sales) -> None:
    """As a state database is after a restore to a time before this pipeline."""
    engine = create_engine(sales.state_url)
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE kpi.pipeline CASCADE"))
    engine.dispose()
