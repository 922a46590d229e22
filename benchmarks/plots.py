"""Four pictures of the numbers; none where matplotlib is not installed (`make bench` does)."""

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

INK, OURS = "#8a8f98", "#2f6fdb"
Figures = Mapping[str, Any]
"""The figures of the JSON, by name."""


def plot(folder: Path, size: str, figures: Figures) -> None:
    """Draw what there are numbers for."""
    if importlib.util.find_spec("matplotlib") is None:
        return
    known = {"catch_up": _catch_up, "state": _history, "read": _read}
    for name, draw in known.items():
        if name in figures:
            draw(folder, size, json_numbers(figures[name]["numbers"]))


def json_numbers(numbers: Any) -> Any:  # noqa: ANN401 - any JSON
    """The same with text for keys, whether it was just measured or read from a file."""
    if isinstance(numbers, Mapping):
        return {str(key): json_numbers(value) for key, value in numbers.items()}
    return numbers


def _catch_up(folder: Path, size: str, numbers: Figures) -> None:
    speeds = numbers["million_rows_a_second"]
    names = sorted(speeds, key=lambda name: speeds[name])
    figure, axes = _axes("catch-up, million rows a second (logarithmic)", "")
    colors = [OURS if name.startswith("ours") else INK for name in names]
    bars = axes.barh(names, [speeds[name] for name in names], color=colors)
    axes.bar_label(bars, [f" {speeds[name]:.3g}" for name in names], fontsize=8)
    axes.set_xscale("log")
    axes.margins(x=0.15)
    _save(figure, folder / f"{size}_catch_up.svg")


def _history(folder: Path, size: str, numbers: Figures) -> None:
    ticks = {int(d): median(t) * 1000 for d, t in numbers["tick_seconds_by_days"].items()}
    figure, axes = _axes("a tick of 500 rows, ms", "days of history")
    _line(axes, ticks)
    _save(figure, folder / f"{size}_tick.svg")
    sizes = {int(days): size for days, size in numbers["megabytes_by_days"].items()}
    figure, axes = _axes("state, MB", "days of history")
    _line(axes, sizes)
    axes.axhline(50, color=INK, linestyle=":")
    _save(figure, folder / f"{size}_state.svg")


def _read(folder: Path, size: str, numbers: Figures) -> None:
    by_rows = {int(rows): each for rows, each in numbers["seconds_by_rows"].items()}
    figure, axes = _axes("read of a window, ms", "rows of the table")
    rows = sorted(by_rows)
    for window in by_rows[rows[0]]:
        axes.plot(rows, [by_rows[n][window] * 1000 for n in rows], marker="o", label=window)
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.legend(fontsize=8, frameon=False)
    _save(figure, folder / f"{size}_read.svg")


def _line(axes: Any, values: Mapping[int, float]) -> None:  # noqa: ANN401 - matplotlib has no types
    days = sorted(values)
    axes.plot(days, [values[day] for day in days], marker="o", color=OURS)
    axes.set_ylim(bottom=0, top=max(values.values()) * 1.2)


def _axes(title: str, below: str) -> tuple[Any, Any]:
    from matplotlib.figure import Figure  # noqa: PLC0415 - only where plots are wanted

    figure = Figure(figsize=(6.4, 3.2), layout="constrained")
    axes = figure.subplots()
    axes.set_title(title, fontsize=10, loc="left")
    axes.set_xlabel(below, fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    return figure, axes


def _save(figure: Any, file: Path) -> None:  # noqa: ANN401
    from matplotlib import rc_context  # noqa: PLC0415

    # Text as text, and the same names each time: small files whose diffs are readable.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "kpi_pipeline"}):
        figure.savefig(file, metadata={"Date": None})
