"""What a test run says."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from kpi_pipeline.cli.testing.run import Tried
from kpi_pipeline.compute.expectation import Mismatch
from kpi_pipeline.compute.messages import group_text

MOST = 30


def tell_case(tried: Tried, console: Console) -> None:
    """One line; where it failed, also what was expected and what came."""
    verdict = "[red]FAILED[/]" if tried.mismatches else "[green]passed[/]"
    console.print(f"{verdict} {escape(tried.case.name)}", soft_wrap=True, highlight=False)
    if tried.mismatches:
        console.print(f"       {tried.case.place}", style="dim", soft_wrap=True, highlight=False)
        console.print(_table(tried.mismatches))


def tell_all(tried: Sequence[Tried], seconds: float, console: Console) -> None:
    """How many passed, and in what time."""
    failed = sum(1 for one in tried if one.mismatches)
    passed = len(tried) - failed
    colour = "red" if failed else "green"
    words = f"{passed} passed" + (f", {failed} failed" if failed else "")
    console.print(f"[{colour}]{words}[/] in {seconds:.1f} s", highlight=False)


def _table(found: Sequence[Mismatch]) -> Table:
    table = Table("metric or rule", "window", "group")
    table.add_column("expected", justify="right")
    table.add_column("actual", justify="right")
    for item in found[:MOST]:
        group = escape(group_text(item.dims)) if item.dims else ""
        table.add_row(item.metric, item.window, group, item.expected, item.actual)
    if len(found) > MOST:
        table.caption = f"{len(found) - MOST:,} more"
    return table
