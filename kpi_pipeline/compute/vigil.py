"""Is the pipeline alive? One sentence, for whoever watches it from elsewhere."""

from datetime import timedelta

from kpi_pipeline.compute.numbers import format_age
from kpi_pipeline.model.pulse import Life


def vigil(name: str, life: Life, most: timedelta) -> tuple[bool, str]:
    """Whether the last sign of life is young enough, and why, or why not.

    A quiet shop publishes nothing for hours, and that is right: then a look that found nothing to
    do is the sign. A look that finds something is none; the run that it asks for must publish.
    """
    signs = {"published": life.published, "looked at": life.looked}
    known = {what: age for what, age in signs.items() if age is not None}
    if not known:
        return False, f"{name}: nothing was ever published{_why(life)}"
    what, age = min(known.items(), key=lambda item: item[1])
    if age <= most:
        return True, f"{name}: {what} {format_age(age)} ago{_why(life)}"
    older = f"more than {format_age(most)}"
    return False, f"{name}: last {what} {format_age(age)} ago, {older}{_why(life)}"


def _why(life: Life) -> str:
    if life.failing is None:
        return ""
    return f"; failing for {format_age(life.failing)}: {life.why}"
