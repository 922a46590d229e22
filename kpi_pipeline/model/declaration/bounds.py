"""The bounds of a threshold, and what they are held against."""

from decimal import Decimal
from typing import TypedDict

from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.declaration.section import Section
from kpi_pipeline.model.threshold import Against, Threshold
from kpi_pipeline.model.window import Window

BOUNDS = (
    "warn_below", "critical_below", "warn_above", "critical_above", "clear_above", "clear_below",
)  # fmt: skip
CHANGES = (Against.DIFFERENCE.value, Against.PERCENT.value)
MILD = ("below", "above", "warn_below", "warn_above")


class Bounds(TypedDict):
    """The fields of a `Threshold` that say what is a breach."""

    warn_below: Decimal | None
    critical_below: Decimal | None
    warn_above: Decimal | None
    critical_above: Decimal | None
    clear_above: Decimal | None
    clear_below: Decimal | None


def parse_bounds(section: Section) -> Bounds:
    """Read all bounds; `below`, `above` and `outside` mean warn.

    Raises:
        SpecError: A bound is given twice, or is no number.
    """
    found = {key: section.number(key) for key in BOUNDS}
    for plain in ("below", "above"):
        if section.has(plain):
            if found[f"warn_{plain}"] is not None:
                raise section.error(f"means warn_{plain}, which is given too", plain)
            found[f"warn_{plain}"] = section.number(plain)
    if section.has("outside"):
        found["warn_below"], found["warn_above"] = _outside(section)
    return Bounds(
        warn_below=found["warn_below"],
        critical_below=found["critical_below"],
        warn_above=found["warn_above"],
        critical_above=found["critical_above"],
        clear_above=found["clear_above"],
        clear_below=found["clear_below"],
    )


def parse_against(section: Section, window: Window) -> Against:
    """Read whether the bounds are held against the value or against its change.

    Raises:
        SpecError: There is nothing that the window is compared with.
    """
    if not section.has("change"):
        return Against.VALUE
    word = section.text("change")
    if word not in CHANGES:
        raise section.error(f"unknown change {word!r}{did_you_mean(word, CHANGES)}", "change")
    if window.offset is None:
        raise section.error(
            f"needs a window with `compare:`, which {window.name} has not", "change"
        )
    return Against(word)


def check_bounds(rule: Threshold, section: Section) -> None:
    """Refuse bounds that contradict.

    Raises:
        SpecError: Says which.
    """
    lows = [b for b in (rule.critical_below, rule.warn_below, rule.clear_above) if b is not None]
    highs = [b for b in (rule.clear_below, rule.warn_above, rule.critical_above) if b is not None]
    has_low = rule.critical_below is not None or rule.warn_below is not None
    has_high = rule.warn_above is not None or rule.critical_above is not None
    if not has_low and not has_high:
        raise section.error("needs a bound: below, above, warn_below, critical_above, ...")
    if lows != sorted(lows):
        raise section.error(_order("low", "critical_below <= warn_below <= clear_above", lows))
    if highs != sorted(highs):
        raise section.error(_order("high", "clear_below <= warn_above <= critical_above", highs))
    if (rule.clear_above is not None and not has_low) or (
        rule.clear_below is not None and not has_high
    ):
        raise section.error("a clear bound needs the bound that it clears")
    if has_low and has_high and max(lows) >= min(highs):
        raise section.error("low and high bounds overlap, so no value would be healthy")


def _order(side: str, wanted: str, bounds: list[Decimal]) -> str:
    found = ", ".join(str(bound) for bound in bounds)
    return f"{side} bounds must rise: {wanted}; here they are {found}"


def _outside(section: Section) -> tuple[Decimal, Decimal]:
    for key in MILD:
        if section.has(key):
            raise section.error(f"cannot stand beside outside, which means {key} too", key)
    low, high = section.pair("outside")
    if low >= high:
        raise section.error("the first must be less than the second, as in [30, 90]", "outside")
    return low, high
