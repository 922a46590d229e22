"""The rows behind a number: aggregated by a spreadsheet they give it, whatever the source."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import ceil

import pytest

from kpi_pipeline.assembly import open_board
from kpi_pipeline.compute.explanation import Explanation
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.model.metric import Aggregation, SimpleMetric
from kpi_pipeline.pipeline.board import LiveBoard
from kpi_pipeline_tests.sales import Sales

MORE = """
    mean: {agg: average, expr: amount}
    smallest: {agg: min, expr: amount}
    with_user: {agg: count, expr: user_id}
    cheap: {agg: count, filter: amount < 50, group_by: transaction_type}
    p90: {agg: percentile, percentile: 0.9, expr: amount}
    kinds: {agg: count_distinct, expr: transaction_type}
    few: {agg: sum, expr: amount, group_by: transaction_type, most_groups: 2}
    share: {type: ratio, numerator: revenue_by_type, denominator: total_revenue}
  windows:
"""
KINDS = ("FOOD", "food", "O'Neil :x %s", None)
Row = Sequence[object]


@pytest.fixture
def busy(shop: Sales) -> Iterator[Sales]:
    declared = replace(
        shop, declaration=shop.declaration.replace("  windows:\n", MORE.lstrip("\n"))
    )
    now = datetime.now(UTC)
    for n in range(40):
        age = timedelta(minutes=n * n * 7)
        amount = None if n % 9 == 8 else f"{n * 7 % 61}.{n % 10}0"
        declared.sell(amount, at=now - age, kind=KINDS[n % 4], user=None if n % 7 == 6 else n % 5)
    declared.sell(999, at=now + timedelta(days=2))
    declared.advance()
    yield declared
    declared.close()


@pytest.fixture
def board(busy: Sales) -> Iterator[LiveBoard]:
    opened = open_board(busy.spec, busy.settings)
    yield opened
    opened.close()


def listed(
    board: LiveBoard, found: Explanation, *, leaf: int = 0, most: int = 1000
) -> tuple[list[str], list[Row]]:
    with board.rows(found, leaf, most) as (names, rows):
        return list(names), list(rows)


def number(value: object) -> Decimal:
    return Decimal(str(value))


def summed(values: list[object]) -> Decimal:
    return sum(map(number, values), Decimal(0))


def nearest(values: list[object]) -> Decimal | None:
    ranked = sorted(map(number, values))
    return ranked[ceil(Decimal("0.9") * len(ranked)) - 1] if ranked else None


AGAIN: dict[Aggregation, Callable[[list[object]], Decimal | None]] = {
    Aggregation.COUNT: lambda values: Decimal(len(values)),
    Aggregation.SUM: summed,
    Aggregation.AVERAGE: lambda values: summed(values) / len(values) if values else None,
    Aggregation.MIN: lambda values: min(map(number, values), default=None),
    Aggregation.MAX: lambda values: max(map(number, values), default=None),
    Aggregation.COUNT_DISTINCT: lambda values: Decimal(len(set(values))),
    Aggregation.PERCENTILE: nearest,
}
ROUNDED = {Aggregation.AVERAGE: Decimal("1e-20"), Aggregation.PERCENTILE: Decimal("0.01")}
"""Relative: a quotient has no last digit, and a percentile is an estimate."""


def aggregated(metric: SimpleMetric, names: list[str], rows: list[Row]) -> Decimal | None:
    if "value" not in names:
        return Decimal(len(rows))
    place = names.index("value")
    return AGAIN[metric.agg]([row[place] for row in rows if row[place] is not None])


def by_group(metric: SimpleMetric, rows: list[Row]) -> dict[Dims, list[Row]]:
    found: dict[Dims, list[Row]] = {}
    for row in rows:
        dims = tuple(str(v) if v is not None else None for v in row[-len(metric.group_by) :])
        found.setdefault(dims if metric.group_by else (), []).append(row)
    return found


def test_the_rows_behind_every_number_give_it_again(busy: Sales, board: LiveBoard) -> None:
    asked = [(metric.name, "lifetime") for metric in busy.spec.simple_metrics]
    for name, window in (*asked, ("total_revenue", "today"), ("revenue_by_type", "last_60m")):
        metric = busy.spec.metrics[name]
        assert isinstance(metric, SimpleMetric)
        found = board.explain(name, window)
        names, rows = listed(board, found)
        groups = by_group(metric, rows)
        for reading in found.readings:
            own = groups.pop(reading.dims, [])
            again = aggregated(metric, names, own)

            assert reading.rows == len(own), (name, window)
            assert again == pytest.approx(reading.value, rel=ROUNDED.get(metric.agg, 0))
        assert groups == {}


def test_rows_of_a_group_of_a_leaf_and_the_newest_few(busy: Sales, board: LiveBoard) -> None:
    few = busy.spec.metrics["few"]
    assert isinstance(few, SimpleMetric)
    for reading in board.explain("few", "lifetime").readings:
        names, rows = listed(board, board.explain("few", "lifetime", reading.dims))
        assert aggregated(few, names, rows) == reading.value
        assert len(rows) == reading.rows > 0
        assert names == ["transaction_id", "created_at", "value", "transaction_type"]
    share = board.explain("share", "lifetime", ("FOOD",))
    leaves = [len(listed(board, share, leaf=leaf)[1]) for leaf in range(len(share.leaves))]
    names, newest = listed(board, board.explain("transaction_count", "lifetime"), most=3)

    assert sorted(leaves) == [10, 40]
    assert names == ["transaction_id", "created_at"]
    assert [row[0] for row in newest] == [1, 2, 3]
    gone = "VIEW seen" if busy.spec.source.table == "seen" else "TABLE transactions"
    busy.run(f"DROP {gone}")
    with pytest.raises(SourceError, match="source"):
        listed(board, share)
