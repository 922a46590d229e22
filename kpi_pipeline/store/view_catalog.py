"""Which views of ours are there; a view is ours by its comment, and by nothing else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text

from kpi_pipeline.store.view_sql import View

MARK = re.compile(r"kpi_pipeline: (\w+); (\w*); ([0-9a-f]{16})")
RELATIONS_SQL = text("""
SELECT c.relname AS name, CASE c.relkind WHEN 'v' THEN obj_description(c.oid, 'pg_class') END
       AS said, ARRAY(SELECT p.name FROM kpi.pipeline p) AS pipelines
FROM pg_class c WHERE c.relnamespace = to_regnamespace('kpi')
""")


@dataclass(frozen=True, slots=True)
class Made:
    """A view of ours that is there.

    Attributes:
        print: Of its SELECT.
    """

    name: str
    pipeline: str
    metric: str
    print: str


@dataclass(frozen=True, slots=True)
class Catalog:
    """What is in the schema.

    Attributes:
        made: This pipeline's views, by metric.
        gone: Views of pipelines that are no more.
        names: Of everything.
    """

    made: Mapping[str, Made]
    gone: tuple[Made, ...]
    names: frozenset[str]

    def fits(self, wanted: Mapping[str, View]) -> bool:
        """Whether the views are those that are wanted, and no others."""
        made = {metric: view.print for metric, view in self.made.items()}
        return not self.gone and made == {metric: view.print for metric, view in wanted.items()}

    def superfluous(self, wanted: Mapping[str, View]) -> tuple[Made, ...]:
        """Views that nothing feeds any more."""
        return (*self.gone, *(view for view in self.made.values() if view.metric not in wanted))


def read_catalog(connection: Connection, pipeline: str) -> Catalog:
    """What is in the schema now; one cheap statement."""
    rows = connection.execute(RELATIONS_SQL).all()
    found = [(row, MARK.fullmatch(row.said or "")) for row in rows]
    ours = [(Made(row.name, *match.groups()), row.pipelines) for row, match in found if match]
    return Catalog(
        made={view.metric: view for view, _ in ours if view.pipeline == pipeline},
        gone=tuple(view for view, pipelines in ours if view.pipeline not in pipelines),
        names=frozenset(row.name for row in rows),
    )


def mark_of(view: View) -> str:
    """The comment that makes a view ours."""
    return f"kpi_pipeline: {view.pipeline}; {view.metric}; {view.print}"
