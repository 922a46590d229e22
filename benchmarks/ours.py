"""Our side: a declared pipeline, driven through the same use cases as Dagster and the commands."""

import time
from datetime import timedelta
from pathlib import Path

from benchmarks.totals import Totals
from kpi_pipeline.assembly import assemble
from kpi_pipeline.config import Settings
from kpi_pipeline.model.declaration.lines import parse_text
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.pipeline.advance import Outcome, Progress, advance
from kpi_pipeline.pipeline.peek import Peek, peek

DECLARATIONS = Path(__file__).parent / "declarations"
NO_END = timedelta(days=1)


def spec_of(name: str) -> PipelineSpec:
    """A declaration of `declarations/`."""
    file = DECLARATIONS / f"{name}.yaml"
    return parse_text(name, file.read_text(encoding="utf-8"), str(file))


class Ours:
    """One pipeline over two databases; assembled, and its state's tables made."""

    def __init__(self, name: str, source_url: str, state_url: str) -> None:
        self.spec = spec_of(name)
        self.settings = Settings(source_url=source_url, state_url=state_url)
        self.parts = assemble(self.spec, self.settings)

    def advance(self) -> Outcome:
        """Fold all that is due: a catch-up or a tick."""
        parts = self.parts
        outcome = advance(
            parts.spec,
            parts.source,
            parts.store,
            budget=NO_END,
            clock=time.monotonic,
            progress=self.told,
        )
        assert outcome.left_minutes == 0, f"{outcome.left_minutes} minutes were left"
        return outcome

    def told(self, progress: Progress) -> None:
        """Takes part in what is measured, as Dagster's log does; says nothing."""

    def look(self) -> Peek:
        """Look without folding."""
        parts = self.parts
        return peek(parts.spec, parts.source, parts.store, parts.outbox)

    def totals(self) -> Totals:
        """What the last snapshot says of all history."""
        published = self.parts.store.latest()
        assert published is not None, "nothing was published"
        find = published.snapshot.find
        users = find("unique_users", "lifetime")
        groups = find("revenue_by_type", "lifetime")
        return Totals(
            count=int(find("transaction_count", "lifetime")[0].value or 0),
            total=find("total_revenue", "lifetime")[0].value or 0,
            by_type={str(item.dims[0]): item.value or 0 for item in groups},
            users=int(users[0].value or 0) if users else None,
        )

    def close(self) -> None:
        """Close every connection."""
        self.parts.close()
