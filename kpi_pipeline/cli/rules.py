"""Which rules the commands about alerts mean."""

import os

import click

from kpi_pipeline.compute.rules import rules_of
from kpi_pipeline.compute.silence import NO_DATA
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.pulse import RULE
from kpi_pipeline.model.spec import PipelineSpec


def check_rule(spec: PipelineSpec, name: str) -> str:
    """The name of a rule that there is, `pipeline_failure` too.

    Raises:
        BadParameter: There is none; names the nearest.
    """
    known = [*(rule.name for rule in rules_of(spec)), RULE]
    if name not in known:
        raise click.BadParameter(f"unknown rule {name!r}{did_you_mean(name, known)}")
    return name


def with_no_data(spec: PipelineSpec, name: str) -> list[str]:
    """The rule, and the one about its missing values if it has one."""
    more = f"{name}{NO_DATA}"
    return [name, *(rule.name for rule in rules_of(spec) if rule.name == more)]


def whoever() -> str:
    """Who types, as the system calls them; '' if it does not say."""
    return os.environ.get("USER") or os.environ.get("USERNAME") or ""
