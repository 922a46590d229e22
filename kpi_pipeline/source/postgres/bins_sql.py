"""The GROUP BY that counts a percentile's values in bins; see `compute.statistic.bins`."""

from kpi_pipeline.compute.estimate import width_of
from kpi_pipeline.compute.statistic.bins import GREATEST, LEAST, NAN, ONE
from kpi_pipeline.model.metric import SimpleMetric
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.postgres.aggregate_sql import dims_sql, rows_sql
from kpi_pipeline.source.postgres.kinds import FLOATS, as_number
from kpi_pipeline.source.postgres.names import inline


def bins_sql(
    spec: PipelineSpec, metric: SimpleMetric, kind: str, bucket: str, intervals: int
) -> str:
    """SELECT bucket, d0.., bin, how many values; one row a bin that holds any.

    Args:
        spec: Of the pipeline.
        metric: A percentile.
        kind: Type of its expression.
        bucket: See `aggregate_sql`.
        intervals: Likewise.
    """
    expr = f"({inline(metric.expr or '')})"
    # Floats may be infinite, which older servers know no numeric of.
    number = f"CAST({expr} AS float8)" if kind in FLOATS else as_number(expr, kind)
    kept = f"({inline(metric.filter)}) AND " if metric.filter else ""
    dims = dims_sql(metric.group_by)
    names = ["bucket", *(f"d{i}" for i in range(len(dims)))]
    places = ", ".join(str(k) for k in range(1, len(names) + 2))
    values = f"SELECT {', '.join((f'{bucket} AS bucket', *dims, f'{number} AS x'))}"
    return (
        f"SELECT {', '.join(names)}, {_bin(metric)} AS bin, count(*) AS n "  # noqa: S608
        f"FROM ({values} FROM {rows_sql(spec, intervals)} WHERE {kept}{expr} IS NOT NULL) AS v "
        f"GROUP BY {places}"
    )


def _bin(metric: SimpleMetric) -> str:
    """As `bin_of` has it; a double holds no numeric beyond the greatest, and has no room for it."""
    step = repr(width_of(metric))
    place = f"{ONE} + ceil(ln(CAST(least({{}}, {GREATEST!r}) AS float8)) / {step})"
    return (
        f"CAST(CASE WHEN x = 'NaN' THEN {NAN} WHEN x > {LEAST!r} THEN {place.format('x')} "
        f"WHEN x < -{LEAST!r} THEN -({place.format('-x')}) ELSE 0 END AS integer)"
    )
