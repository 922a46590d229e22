"""What the catalog says about the source table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text

from kpi_pipeline.model.declaration.expression import columns_of
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.model.metric import SimpleMetric
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.declared import ARITHMETIC, EMPTY_HINT, declared_columns
from kpi_pipeline.source.postgres.leaves import Leaf, read_leaves
from kpi_pipeline.source.postgres.names import quoted, quoted_table

TABLE_SQL = text("""
SELECT c.oid::bigint AS oid, c.relkind::text AS kind, coalesce(pg_relation_filenode(c.oid), 0)::bigint AS file,
       n.nspname AS schema, c.relname AS name,
       current_setting('server_version_num')::int AS version,
       pg_is_in_recovery() AS standby,
       pg_postmaster_start_time() AS started, c.relpersistence = 'u' AS unlogged,
       has_table_privilege(c.oid, 'SELECT') AS readable,
       has_function_privilege('pg_control_system()', 'EXECUTE')
         AND has_function_privilege('pg_control_checkpoint()', 'EXECUTE') AS tells_cluster,
       pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')
         AND current_setting('track_activities')::boolean AS sees_activity,
       c.relhassubclass AS has_leaves,
       (SELECT jsonb_agg(jsonb_build_array(a.attname, format_type(a.atttypid, NULL),
               EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisvalid
                       AND i.indpred IS NULL AND i.indkey[0] = a.attnum)))
        FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = to_regclass(:table)
""")  # noqa: E501 - one column a thought
CLUSTER_SQL = text("""
SELECT s.system_identifier || '/' || c.timeline_id
FROM pg_control_system() AS s, pg_control_checkpoint() AS c
""")
NEIGHBOURS_SQL = text("""
SELECT table_schema || '.' || table_name FROM information_schema.tables
WHERE table_schema NOT IN ('pg_catalog', 'information_schema') LIMIT 1000
""")
WHOLE_NUMBERS = frozenset({"smallint", "integer", "bigint"})
NUMBERS = WHOLE_NUMBERS | {"numeric", "real", "double precision", "money"}
EVENT_TIME = "timestamp with time zone"
TABLES_WITH_XMIN = frozenset({"r", "p", "m"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The source table as the server knows it.

    Attributes:
        cluster: System identifier and timeline; '' where the role may not ask.
        kind: PostgreSQL's relkind: r table, p partitioned, v view, m materialized, f foreign.
        file: Changes when the table is rewritten or truncated.
        started: When the server was started (ISO-8601).
        unlogged: A crash empties the table, or a partition of it.
        leaves: Its partitions; none of a plain table.
        columns: Type by column name.
        indexed: Columns that lead an index.
        sees_activity: Whether this role sees when others' transactions began.
    """

    cluster: str
    oid: int
    kind: str
    file: int
    schema: str
    name: str
    version: int
    standby: bool
    started: str
    unlogged: bool
    leaves: tuple[Leaf, ...]
    sees_activity: bool
    columns: Mapping[str, str]
    indexed: frozenset[str]

    @property
    def has_horizon(self) -> bool:
        """Whether rows carry the transaction that wrote them."""
        return self.kind in TABLES_WITH_XMIN and all(leaf.kind == "r" for leaf in self.leaves)

    def has_sequence_key(self, key: str) -> bool:
        """Whether new rows of a plain table can be found by the key."""
        plain = self.kind in {"r", "p"}
        return plain and self.columns[key] in WHOLE_NUMBERS and key in self.indexed


def read_table(connection: Connection, spec: PipelineSpec) -> Table:
    """Find the declared table and check every declared column against it.

    Raises:
        SourceError: Names what is missing, and the nearest thing that exists.
    """
    wanted = spec.source.table
    found = connection.execute(TABLE_SQL, {"table": quoted_table(wanted)}).one_or_none()
    if found is None:
        known = connection.execute(NEIGHBOURS_SQL).scalars().all()
        hint = did_you_mean(wanted, known) or EMPTY_HINT
        raise SourceError(f"no table {wanted!r} in the source{hint}")
    if not found.readable:
        raise SourceError(f"no permission to read {wanted}; GRANT SELECT ON {wanted} TO this role")
    leaves = read_leaves(connection, found.oid) if found.has_leaves else ()
    table = Table(
        cluster=_cluster(connection, standby=found.standby) if found.tells_cluster else "",
        oid=found.oid,
        kind=found.kind,
        file=found.file,
        schema=found.schema,
        name=found.name,
        version=found.version,
        standby=found.standby,
        started=found.started.isoformat(),
        unlogged=found.unlogged or any(leaf.unlogged for leaf in leaves),
        leaves=leaves,
        sees_activity=found.sees_activity and not found.standby,
        columns={name: type_ for name, type_, _ in found.columns or ()},
        indexed=frozenset(name for name, _, leads in found.columns or () if leads),
    )
    _check_columns(table, spec)
    return table


def _cluster(connection: Connection, *, standby: bool) -> str:
    """Asked once a connection: it cannot move to another server, but a standby may be promoted."""
    known: dict[bool, str] = connection.info.setdefault("cluster", {})
    if standby not in known:
        known[standby] = str(connection.execute(CLUSTER_SQL).scalar())
    return known[standby]


def _unquoted(column: str, known: Iterable[str]) -> str:
    """PostgreSQL reads a name without quotes in lower case; in YAML the quotes need quotes."""
    same = [name for name in known if name.lower() == column and name != column]
    return f"; write {same[0]} in double quotes, as in '\"{same[0]}\"'" if same else ""


def _check_columns(table: Table, spec: PipelineSpec) -> None:
    for column, where in declared_columns(spec):
        if column not in table.columns:
            in_sql = where.endswith((".expr", ".filter"))
            quotes = _unquoted(column, table.columns) if in_sql else ""
            hint = quotes or did_you_mean(column, table.columns)
            raise SourceError(f"{where}: {spec.source.table} has no column {column!r}{hint}")
    for metric in spec.simple_metrics:
        _check_number(table, metric)
    kind = table.columns[spec.source.event_time]
    if kind != EVENT_TIME:
        raise SourceError(
            f"source.agg_time_dimension: {spec.source.event_time} is {kind}; event time must be "
            f"{EVENT_TIME}, so that every row has one moment: change its type, or name a view "
            f"that says AT TIME ZONE and the zone"
        )


def _check_number(table: Table, metric: SimpleMetric) -> None:
    """A bare column says its type; other expressions are left to the database."""
    column = next(iter(columns_of(metric.expr)), None) if metric.expr else None
    if column is None or metric.agg not in ARITHMETIC or metric.expr != quoted(column):
        return
    if table.columns[column] not in NUMBERS:
        raise SourceError(
            f"metrics.{metric.name}.expr: {column} is {table.columns[column]}; "
            f"agg {metric.agg.value} needs a number"
        )
