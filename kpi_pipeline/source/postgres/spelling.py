"""Statements that a person pastes, with values written as the aggregation writes them."""

from collections.abc import Mapping

from kpi_pipeline.compute.explain import PostgresSpelling
from kpi_pipeline.source.postgres.kinds import as_number, as_text


class TypedSpelling(PostgresSpelling):
    """Knows the types of the declared expressions: a plain cast would count 1 and 1.0 apart.

    Attributes:
        kinds: PostgreSQL's name of the type, by expression; what is not there is taken as it is.
    """

    def __init__(self, kinds: Mapping[str, str]) -> None:
        self.kinds = kinds

    def number(self, expr: str) -> str:
        """See `as_number`."""
        return as_number(expr, self.kinds.get(expr, ""))

    def member(self, expr: str) -> str:
        """See `as_text`."""
        return as_text(expr, self.kinds.get(expr, ""))
