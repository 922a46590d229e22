"""The SELECT of each view: KPIs by bucket for whoever reads them with SQL alone.

One branch a grain, each with its grain as a constant: a reader who asks for one grain reads one
range of the primary key.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from kpi_pipeline.compute.explain import literal, quoted
from kpi_pipeline.model.batch import Grain
from kpi_pipeline.model.composed import RatioMetric
from kpi_pipeline.model.metric import Aggregation, SimpleMetric
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.store.view_names import fitted, marked

GRAINS = {grain.value: grain.name.lower() for grain in Grain}
UNION = "\nUNION ALL\n"
OWN = ("grain", "bucket", "value", "rows")
SKETCHED = "{p}.value"
"""What a sketch alone says."""
VALUES = {
    Aggregation.COUNT: "CAST({p}.n AS numeric)",
    Aggregation.SUM: "coalesce({p}.total, 0)",
    Aggregation.AVERAGE: "{p}.total / nullif({p}.n, 0)",
    Aggregation.MIN: "{p}.low",
    Aggregation.MAX: "{p}.high",
}
ZERO_OF_NOTHING = (Aggregation.COUNT, Aggregation.SUM, Aggregation.COUNT_DISTINCT)
"""What is 0 where there are no rows; the others are null."""


@dataclass(frozen=True, slots=True)
class View:
    """One view that a declaration wants.

    Attributes:
        metric: Empty for the view of the whole pipeline.
        sql: Its SELECT.
    """

    pipeline: str
    metric: str
    sql: str

    @property
    def name(self) -> str:
        """The name that it has unless another object has it."""
        return fitted(f"{self.pipeline}_{self.metric}" if self.metric else self.pipeline)

    @property
    def print(self) -> str:
        """Tells two SELECTs apart."""
        return hashlib.sha256(self.sql.encode()).hexdigest()[:16]

    def name_beside(self, others: Collection[str]) -> str:
        """Its name where some are taken: `a` + `b_c` and `a_b` + `c` want the same."""
        own = f"{self.pipeline}/{self.metric}"
        return marked(self.name, own) if self.name in others else self.name


@dataclass(frozen=True, slots=True)
class _Scope:
    """Whose partials are meant: of one pipeline, by the present definition of each metric."""

    id: int
    definitions: Mapping[str, str]


def wanted_views(spec: PipelineSpec, id_: int) -> Iterator[View]:
    """The view of the pipeline, and one for each metric whose buckets say its value.

    A derived or cumulative metric has no buckets of its own; its readings are in the pipeline's.
    """
    scope = _Scope(id_, spec.definitions)
    yield View(spec.name, "", _snapshot_sql(id_))
    for metric in spec.metrics.values():
        if isinstance(metric, SimpleMetric):
            yield View(spec.name, metric.name, _simple_sql(scope, metric))
        elif isinstance(metric, RatioMetric):
            top, bottom = spec.metrics[metric.numerator], spec.metrics[metric.denominator]
            if not isinstance(top, SimpleMetric) or not isinstance(bottom, SimpleMetric):
                continue
            if top.group_by == bottom.group_by:
                yield View(spec.name, metric.name, _ratio_sql(scope, top, bottom))


def _snapshot_sql(id_: int) -> str:
    return f"""
SELECT r.body->>'metric' AS metric, r.body->>'window' AS window_name,
       ARRAY(SELECT jsonb_array_elements_text(r.body->'dims')) AS groups,
       CASE WHEN r.body->>'building' = 'false'
            THEN CAST(r.body->>'value' AS numeric) END AS value,
       CASE WHEN r.body->>'building' = 'false'
            THEN CAST(r.body->>'baseline' AS numeric) END AS baseline,
       r.body->>'unit' AS unit, CAST(r.body->>'rows' AS bigint) AS rows,
       CAST(r.body->>'building' AS boolean) AS building,
       CAST(r.body->>'start' AS timestamptz) AS window_start,
       CAST(r.body->>'end' AS timestamptz) AS window_end,
       s.as_of, CAST(s.body->>'watermark' AS timestamptz) AS watermark,
       s.computed_at, s.body->>'guarantee' AS guarantee
FROM (SELECT as_of, computed_at, body->'snapshot' AS body FROM kpi.snapshot
      WHERE pipeline_id = {id_} ORDER BY revision DESC LIMIT 1) AS s,
     jsonb_array_elements(s.body->'readings') AS r(body)"""  # noqa: S608 - a number


def _simple_sql(scope: _Scope, metric: SimpleMetric) -> str:
    columns, value = _columns("p_s", metric.group_by), _value(metric, "p")
    partials = _partials(scope, metric, "p")
    return UNION.join(
        f"SELECT {_word(grain)} AS grain, p.bucket{columns}, {value} AS value, p.rows\n"
        f"FROM {partials} WHERE {_only(grain, scope, 'p')}"
        for grain in GRAINS
    )


def _ratio_sql(scope: _Scope, top: SimpleMetric, bottom: SimpleMetric) -> str:
    columns, below = _columns("d_s", bottom.group_by), _value(bottom, "d")
    nothing = "0" if top.agg in ZERO_OF_NOTHING else "NULL"
    above = f"CASE WHEN n.rows IS NULL THEN {nothing} ELSE {_value(top, 'n')} END"
    return UNION.join(
        f"SELECT {_word(grain)} AS grain, d.bucket{columns},\n"
        f"       {above} / nullif({below}, 0) AS value, d.rows\n"
        f"FROM {_partials(scope, bottom, 'd')}\n"
        f"LEFT JOIN ({_partials(scope, top, 'n')})\n"
        f"  ON {_only(grain, scope, 'n')} AND n.bucket = d.bucket AND n_s.dims = d_s.dims\n"
        f"WHERE {_only(grain, scope, 'd')}"
        for grain in GRAINS
    )


def _word(grain: str) -> str:
    return f"CAST({literal(GRAINS[grain])} AS text)"


def _only(grain: str, scope: _Scope, p: str) -> str:
    return f"{p}.pipeline_id = {scope.id} AND {p}.grain = {literal(grain)}"


def _partials(scope: _Scope, metric: SimpleMetric, p: str) -> str:
    """The partials of the metric's present definition, as `p`, and their series, as `p_s`."""
    definition = scope.definitions[metric.name]
    return (
        f"kpi.partial AS {p} JOIN kpi.series AS {p}_s ON {p}_s.id = {p}.series_id "
        f"AND {p}_s.pipeline_id = {scope.id} AND {p}_s.metric = {literal(metric.name)} "
        f"AND {p}_s.definition = {literal(definition)}"
    )


def _value(metric: SimpleMetric, p: str) -> str:
    return VALUES.get(metric.agg, SKETCHED).replace("{p}", p)


def _columns(series: str, group_by: tuple[str, ...]) -> str:
    names = column_names(group_by)
    return "".join(f", {series}.dims[{k}] AS {quoted(n)}" for k, n in enumerate(names, 1))


def column_names(group_by: tuple[str, ...]) -> list[str]:
    """The columns' own names; one that reads like ours, or like another when cut, gets a `_`."""
    taken = list(OWN)
    for column in group_by:
        name = fitted(column)
        while name in taken:
            name = fitted(f"{name}_")
        taken.append(name)
    return taken[len(OWN) :]
