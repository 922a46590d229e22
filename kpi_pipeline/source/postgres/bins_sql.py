"""The GROUP BY that counts a percentile's values in bins; see `compute.statistic.bins`."""

from kpi_pipeline.compute.estimate import width_of
from kpi_pipeline.compute.statistic.bins import GREATEST, LEAST, NAN, ONE
from kpi_pipeline.model.metric import SimpleMetric
from kpi_pipeline.source.postgres.aggregate_sql import label
from kpi_pipeline.source.postgres.branches import Branches
from kpi_pipeline.source.postgres.kinds import FLOATS, as_number
from kpi_pipeline.source.postgres.names import inline


def bins_sql(metric: SimpleMetric, kind: str, branches: Branches) -> str:
    """SELECT bucket, d0.., bin, how many values; one row a bin that holds any.

    Args:
        metric: A percentile.
        kind: Type of its expression.
        branches: Which rows.
    """
    expr = f"({inline(metric.expr or '')})"
    # Floats may be infinite, which older servers know no numeric of.
    number = f"CAST({expr} AS float8)" if kind in FLOATS else as_number(expr, kind)
    kept = f" AND ({inline(metric.filter)})" if metric.filter else ""
    dims = [f"{label(column)} AS d{i}" for i, column in enumerate(metric.group_by)]
    names = ["bucket", *(f"d{i}" for i in range(len(dims)))]
    places = ", ".join(str(k) for k in range(1, len(names) + 2))
    values = branches.select(", ".join((*dims, f"{number} AS x")), f"{kept} AND {expr} IS NOT NULL")
    return (
        f"SELECT {', '.join(names)}, {_bin(metric)} AS bin, count(*) AS n "  # noqa: S608
        f"FROM ({values}) AS v GROUP BY {places}"
    )


def _bin(metric: SimpleMetric) -> str:
    """As `bin_of` has it; a double holds no numeric beyond the greatest, and has no room for it."""
    step = repr(width_of(metric))
    place = f"{ONE} + ceil(ln(CAST(least({{}}, {GREATEST!r}) AS float8)) / {step})"
    return (
        f"CAST(CASE WHEN x = 'NaN' THEN {NAN} WHEN x > {LEAST!r} THEN {place.format('x')} "
        f"WHEN x < -{LEAST!r} THEN -({place.format('-x')}) ELSE 0 END AS integer)"
    )
