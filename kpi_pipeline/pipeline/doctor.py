"""Doctor: everything that is missing or dangerous, as far as it can be seen."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import combinations

from kpi_pipeline.compute.numbers import format_age
from kpi_pipeline.compute.vitals import clock_skew
from kpi_pipeline.model.errors import KpiError
from kpi_pipeline.model.finding import Finding, fine, problem, warning
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.pipeline.channel_remedy import channel_remedy
from kpi_pipeline.pipeline.peek import peek
from kpi_pipeline.ports.delivery import Notifier, Outbox, stands_in
from kpi_pipeline.ports.source import Checkup, Source
from kpi_pipeline.ports.store import Store

Clock = Callable[[], datetime]
MISSED = 5
"""Intervals of the sensor without a run, though one is due, that are worth a word."""
TRIES = 3
HERE = "this machine"


class Unusable:
    """The checkup of a database whose URL cannot even be read."""

    def __init__(self, subject: str, error: KpiError) -> None:
        self.subject = subject
        self.error = error

    def examine(self) -> tuple[Finding, ...]:
        """That it cannot be used."""
        return (problem(self.subject, str(self.error), "Mend the setting that it names."),)

    def now(self) -> datetime:
        """Never known.

        Raises:
            KpiError: Always.
        """
        raise self.error

    def close(self) -> None:
        """Nothing is open."""


def compare_clocks(checkups: Mapping[str, Checkup], clock: Clock) -> Iterator[Finding]:
    """Whether the databases and this machine agree on the time; each that is away is left out."""
    ahead = {HERE: timedelta(0)}
    for name, checkup in checkups.items():
        with suppress(KpiError):
            ahead[name] = min((_ahead(checkup, clock) for _ in range(TRIES)), key=lambda x: x[0])[1]
    for one, other in combinations(ahead, 2):
        yield clock_skew(one, other, ahead[one] - ahead[other])


def _ahead(checkup: Checkup, clock: Clock) -> tuple[timedelta, timedelta]:
    """How long the question took, and how far that clock is ahead of this one."""
    before = clock()
    there = checkup.now()
    took = clock() - before
    return took, there - before - took / 2


def look_at_channels(
    spec: PipelineSpec, channels: Callable[[], Mapping[str, Notifier]]
) -> Iterator[Finding]:
    """Whether messages reach the channels that rules name."""
    subject = "settings: channels"
    try:
        known = channels()
    except KpiError as error:
        yield problem(subject, str(error), "Mend the settings that it names.")
        return
    silent = [
        name
        for name in sorted(spec.channels - {"log"})
        if name not in known or stands_in(name, known[name])
    ]
    for name in silent:
        what = f"rules notify {name}, which is not set up: their alerts go to the log"
        yield warning(subject, what, channel_remedy(name))
    if not silent:
        told = sorted(known[name].description for name in spec.channels) or ["no rule notifies"]
        yield fine(subject, ", ".join(told))


def look_at_progress(
    spec: PipelineSpec, source: Source, store: Store, outbox: Outbox
) -> Iterator[Finding]:
    """Whether somebody folds what is due.

    A quiet shop commits nothing for hours, and that is right; so what counts is not the age of
    the last run alone, but that something is due meanwhile.

    Raises:
        KpiError: A database is away, or has no tables yet; other checks tell.
    """
    subject = "runs"
    if not store.load().started:
        yield warning(subject, "nothing was folded yet", "Run `kpi-pipeline advance`.")
        return
    found, published = peek(spec, source, store, outbox), store.latest()
    with store.read() as unit:
        age = unit.now() - published.snapshot.computed_at if published else timedelta(0)
    last = f"the last run was {format_age(age)} ago"
    if not found.due or age <= MISSED * spec.every:
        yield fine(subject, f"{last}; {found.reason}")
        return
    remedy = "Start the sensor (Automation in Dagster's UI), or run `kpi-pipeline advance`."
    yield warning(subject, f"{last}, and something is due: {found.reason}", remedy)
