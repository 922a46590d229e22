"""A sweep finds what no look can: updates of rows older than the lookback."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from kpi_pipeline.model.batch import Detection
from kpi_pipeline.source.position import load_position
from kpi_pipeline.source.postgres.horizon import FARTHEST
from kpi_pipeline_tests.sales import DECLARATION, Sales
from kpi_pipeline_tests.truth import assert_state_equals_source

OLD = timedelta(days=40)
OLDER_FIELDS = {"kind", "oid", "file", "horizon", "anchors", "cluster", "looked", "prints"}


def test_an_update_of_an_old_row_is_found_by_a_sweep_once_and_by_no_look(sales: Sales) -> None:
    position = _folded(sales)
    sales.run("UPDATE transactions SET amount = 2 WHERE amount = 1")

    look = sales.parts.source.detect(position)
    sweep = sales.parts.source.detect(look.position, sweep=True)
    again = sales.parts.source.detect(sweep.position, sweep=True)

    assert _minutes(look) == 0
    assert _minutes(sweep) == 1
    assert _minutes(again) == 0
    assert sweep.everything is None


def test_looks_carry_the_sweeps_horizon_and_a_sweep_moves_both(sales: Sales) -> None:
    position = load_position(_folded(sales))
    sales.sell(2)
    look = load_position(sales.parts.source.detect(position.dump()).position)
    sales.sell(3)
    sweep = load_position(sales.parts.source.detect(look.dump(), sweep=True).position)

    assert position.swept == look.swept
    assert look.swept < look.horizon < sweep.horizon
    assert sweep.swept == sweep.horizon


def test_a_look_after_a_sweep_finds_what_came_after_it(sales: Sales) -> None:
    sweep = sales.parts.source.detect(_folded(sales), sweep=True)
    sales.sell(2, at=datetime.now(UTC) - OLD)

    look = sales.parts.source.detect(sweep.position)

    assert _minutes(look) == 1


def test_an_update_that_commits_after_a_sweep_is_found_by_the_next_one(sales: Sales) -> None:
    position = _folded(sales)
    with sales.shop.connect() as slow:
        slow.execute(text("UPDATE transactions SET amount = 2 WHERE amount = 1"))
        sweep = sales.parts.source.detect(position, sweep=True)
        slow.commit()

    again = sales.parts.source.detect(sweep.position, sweep=True)

    assert _minutes(sweep) == 0
    assert _minutes(again) == 1


def test_a_sweep_of_long_ago_is_refused_while_looks_go_on(sales: Sales) -> None:
    position = load_position(_folded(sales))
    late = replace(position, swept=position.horizon - FARTHEST - 9)

    look = sales.parts.source.detect(late.dump())
    sweep = sales.parts.source.detect(look.position, sweep=True)
    again = sales.parts.source.detect(sweep.position, sweep=True)

    assert look.everything is None
    assert sweep.everything == "the last sweep is too many transactions ago to compare"
    assert again.everything is None


def test_a_position_of_an_older_release_is_swept_from_its_horizon_and_looked_on_from(
    sales: Sales,
) -> None:
    raw = json.loads(_folded(sales))
    old = json.dumps({key: raw[key] for key in raw if key in OLDER_FIELDS})
    sales.sell(2, at=datetime.now(UTC) - OLD)

    look = sales.parts.source.detect(old)

    assert load_position(old).swept == raw["horizon"]
    assert look.everything is None
    assert any(item.minutes == 1 for item in look.changed)


@pytest.mark.parametrize("sweep", [False, True], ids=["look", "sweep"])
def test_a_sweep_of_a_view_looks_as_far_as_ever(sales: Sales, sweep: bool) -> None:  # noqa: FBT001
    sales.run("CREATE VIEW v AS SELECT * FROM transactions")
    view = replace(sales, declaration=DECLARATION.replace("public.transactions", "v"))
    position = _folded(view)
    sales.run("UPDATE transactions SET amount = 2 WHERE amount = 1")
    sales.sell(3)

    found = view.parts.source.detect(position, sweep=sweep)
    view.close()

    assert _minutes(found) == 1


def _folded(sales: Sales) -> str:
    """Fold an old row, whose key is no longer fresh; the position after that."""
    sales.sell(1, at=datetime.now(UTC) - OLD)
    sales.run("ALTER TABLE transactions ALTER transaction_id RESTART 5000")
    sales.sell(1000)
    sales.advance()
    sales.advance()
    position = sales.parts.store.load().position
    assert position is not None
    return position


def _minutes(found: Detection) -> int:
    return sum(item.minutes for item in found.changed)


def test_an_update_of_every_old_row_is_folded_in_a_few_steps_and_queues_little(
    sales: Sales,
) -> None:
    sales.run(
        "INSERT INTO transactions (created_at, amount) "
        "SELECT now() - n * interval '97 minutes', 1 FROM generate_series(1, 3000) AS n"
    )
    sales.advance()
    sales.run("UPDATE transactions SET amount = 2")

    queued = sales.advance(seconds=0, sweep=True)
    ranges = sales.state_rows("SELECT count(*) FROM kpi.dirty")[0][0]
    rest = sales.advance()

    assert queued.left_minutes
    assert isinstance(ranges, int)
    assert ranges <= 200
    assert rest.steps < 15
    assert sales.value("total_revenue") == 6000
    assert_state_equals_source(sales)
