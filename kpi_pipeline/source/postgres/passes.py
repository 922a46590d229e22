"""Passes: which metrics are aggregated by one reading of the rows.

Sums by type and sums of everything are one reading: the second are sums of the first. Only what is
no sum, such as distinct members, has a reading of its own where its groups are others.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from kpi_pipeline.model.metric import Aggregation, SimpleMetric
from kpi_pipeline.source.declared import Question


@dataclass(frozen=True, slots=True)
class Pass:
    """One reading of the rows, grouped as finely as its finest level.

    Attributes:
        group_by: Of the finest level.
        levels: Each with columns of the finest alone; coarser ones are made of the finest.
    """

    group_by: tuple[str, ...]
    levels: tuple[Question, ...]

    def about(self, metrics: Iterable[SimpleMetric]) -> "Pass":
        """The same reading for some of the metrics."""
        kept = frozenset(metric.name for metric in metrics)
        return Pass(
            self.group_by,
            tuple(
                replace(level, metrics=tuple(m for m in level.metrics if m.name in kept))
                for level in self.levels
            ),
        )

    @property
    def metrics(self) -> tuple[SimpleMetric, ...]:
        """Of all levels."""
        return tuple(metric for level in self.levels for metric in level.metrics)


def passes_of(questions: Iterable[Question]) -> list[Pass]:
    """The fewest readings that answer all questions; one of them has a level without groups."""
    asked = list(questions)
    found: list[Pass] = []
    for question in sorted(asked, key=lambda item: -len(item.group_by)):
        sums = replace(question, metrics=tuple(m for m in question.metrics if _adds_up(m)))
        if sums.metrics or not question.group_by:
            _place(found, sums)
    for question in asked:
        sets = replace(question, metrics=tuple(m for m in question.metrics if not _adds_up(m)))
        if sets.metrics:
            _place_alone(found, sets)
    return found


def _adds_up(metric: SimpleMetric) -> bool:
    return metric.agg is not Aggregation.COUNT_DISTINCT


def _place(found: list[Pass], question: Question) -> None:
    for place, one in enumerate(found):
        if set(question.group_by) <= set(one.group_by):
            found[place] = replace(one, levels=(*one.levels, question))
            return
    found.append(Pass(question.group_by, (question,)))


def _place_alone(found: list[Pass], question: Question) -> None:
    for place, one in enumerate(found):
        if [level.group_by for level in one.levels] == [question.group_by]:
            both = replace(question, metrics=(*one.metrics, *question.metrics))
            found[place] = replace(one, levels=(both,))
            return
    found.append(Pass(question.group_by, (question,)))
