"""A shop whose metrics are added, changed and removed, and its state by the present ones alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from kpi_pipeline.model.snapshot import Reading, Snapshot
from kpi_pipeline_tests.sales import DECLARATION, Sales
from kpi_pipeline_tests.truth import source_buckets, state_buckets

YEAR = """
INSERT INTO transactions (created_at, amount, transaction_type, user_id)
SELECT now() - n * interval '7 hours', n % 90, (ARRAY['FOOD', 'FUEL', NULL])[1 + n % 3], n % 40
FROM generate_series(1, 1300) AS n
"""
LARGEST = "    largest: {agg: max, expr: amount}\n"
ELSE = "    largest: {agg: max, expr: amount + 0}\n"
"""Another definition of the same numbers."""
WITHOUT = DECLARATION.replace(LARGEST, "")
OTHERS = """
SELECT p.grain, p.bucket, p.series_id, p.xmin::text, s.metric
FROM kpi.partial p JOIN kpi.series s ON s.id = p.series_id WHERE s.metric NOT IN ({})
"""


@dataclass
class Redeclared:
    """One shop and its state under one declaration after the other.

    Attributes:
        now: The newest.
    """

    now: Sales
    before: list[Sales] = field(default_factory=list)

    def declare(self, declaration: str) -> Sales:
        """Load another declaration."""
        self.before.append(self.now)
        self.now = replace(self.now, declaration=declaration)
        return self.now

    def replace(self, old: str, new: str) -> Sales:
        """Load the declaration with one passage replaced."""
        assert self.now.declaration.count(old) == 1
        return self.declare(self.now.declaration.replace(old, new))

    def close(self) -> None:
        """Close every connection but those of the first."""
        for sales in [*self.before[1:], self.now]:
            sales.close()


def writes(sales: Sales, *metrics: str) -> set[tuple[object, ...]]:
    """Every row of other metrics, and the transaction that wrote it."""
    names = ", ".join(f"'{name}'" for name in metrics)
    return set(sales.state_rows(OTHERS.format(names)))


def snapshot(sales: Sales) -> Snapshot:
    """What is published."""
    published = sales.parts.store.latest()
    assert published is not None
    return published.snapshot


def others(sales: Sales, *metrics: str) -> Iterator[Reading]:
    """Readings of all other metrics."""
    return (r for r in snapshot(sales).readings if r.metric not in metrics)


def building(sales: Sales, metric: str) -> dict[str, bool]:
    """Whether a metric's history is still being filled, by window."""
    return {r.window: r.building for r in snapshot(sales).readings if r.metric == metric}


def assert_declared_equals_source(sales: Sales) -> None:
    """Fails with the buckets of declared metrics that differ; others' may wait for the purge."""
    known = sales.spec.definitions
    expected = {k: v for k, v in source_buckets(sales).items() if k[2] in known}
    actual = {k: v for k, v in state_buckets(sales, known).items() if k[2] in known}
    differing = {k for k in expected.keys() | actual.keys() if expected.get(k) != actual.get(k)}

    assert differing == set()
    assert sales.audit(resume=False).drifted == 0
