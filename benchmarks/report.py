"""The table on the screen, the JSON and the plots."""

import json
from collections.abc import Mapping
from pathlib import Path

from rich.table import Table

from benchmarks.outcome import Finding
from benchmarks.plots import plot
from benchmarks.sizes import Size

MARKS = {True: "[green]met", False: "[red]not met", None: ""}


def draw(size: Size, about: Mapping[str, object], findings: Mapping[str, Finding]) -> Table:
    """Target, measured, met or not."""
    machine = ", ".join(f"{name} {value}" for name, value in about.items())
    table = Table(title=f"{size.name}: {size.rows:,} rows", caption=machine, show_lines=True)
    for heading in ("figure", "target", "measured", "", "how"):
        table.add_column(heading)
    for finding in findings.values():
        for line in finding.lines:
            table.add_row(line.what, line.target, line.measured, MARKS[line.met], line.note)
    return table


def write(
    folder: Path, size: Size, about: Mapping[str, object], findings: Mapping[str, Finding]
) -> None:
    """Write the JSON and the plots; figures of an earlier run that were not measured now stay."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{size.name}.json"
    known = json.loads(file.read_text())["figures"] if file.exists() else {}
    for name, finding in findings.items():
        lines = [
            {
                "what": i.what,
                "target": i.target,
                "measured": i.measured,
                "met": i.met,
                "note": i.note,
            }
            for i in finding.lines
        ]
        numbers = {"took_seconds": finding.took, "lines": lines, "numbers": finding.numbers}
        known[name] = {"rows": size.rows, "rounds": size.rounds, **numbers}
    body = {"size": size.name, "rows": size.rows, "machine": about, "figures": known}
    draft = file.with_suffix(".new")
    draft.write_text(json.dumps(body, indent=1, default=str) + "\n")
    draft.replace(file)
    plot(folder, size.name, known)
