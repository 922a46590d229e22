"""When failing ticks and runs are told."""

from collections.abc import Mapping
from datetime import timedelta

from kpi_pipeline.model.declaration.section import Section
from kpi_pipeline.model.declaration.told import Route, parse_repeat, parse_route
from kpi_pipeline.model.errors import SpecError
from kpi_pipeline.model.pulse import RULE, FailurePlan
from kpi_pipeline.model.threshold import Freshness, Threshold


def parse_failures(
    section: Section, freshness: Freshness, thresholds: Mapping[str, Threshold]
) -> FailurePlan:
    """The plan under `failures:`; whoever is told of stale data is told, if nobody is named.

    Raises:
        SpecError: An unknown key or channel, what is no duration, a reminder that nobody gets, or
            a threshold of its name.
    """
    if RULE in thresholds:
        path = ("thresholds", RULE)
        raise SpecError("a threshold cannot be called so: failures of the pipeline are", path=path)
    section.only("after", "notify", "repeat")
    same = Route(freshness.notify, freshness.notify_critical)
    route = parse_route(section) if section.has("notify") else same
    return FailurePlan(
        after=section.duration("after", timedelta(minutes=5)),
        # A pipeline that fails is critical: whoever is told of that is told.
        notify=tuple(dict.fromkeys((*route.notify, *route.critical))),
        repeat=parse_repeat(section, route),
    )
