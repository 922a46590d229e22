"""A progress bar for each piece of long work; the table comes at the end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn


class Bar:
    """Says which figure is measured, and how far its work is."""

    def __init__(self, console: Console) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
        self.progress = Progress(*columns, TimeElapsedColumn(), console=console)
        self.figure = "preparing"

    def __enter__(self) -> Self:
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def began(self, figure: str) -> None:
        """Name the figure that is measured from here on."""
        self.figure = figure

    @contextmanager
    def work(self, what: str, total: float) -> Iterator[Callable[[float], None]]:
        """A bar for a piece of work; the function that it gives is told of each step."""
        task = self.progress.add_task(f"{self.figure}: {what}", total=total)
        yield partial(self.progress.advance, task)
        self.progress.update(task, completed=total)
