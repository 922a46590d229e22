from datetime import timedelta

import pytest

from kpi_pipeline.model.errors import SpecError
from kpi_pipeline.model.pulse import FailurePlan
from kpi_pipeline_tests.unit.builders import shop

LINE = "  freshness: {warn_after: 10m}\n"


def test_without_a_word_whoever_hears_of_stale_data_hears_of_failures() -> None:
    told = shop(LINE, "  freshness: {warn_after: 10m, notify: [slack]}\n")

    assert shop().failures == FailurePlan(after=timedelta(minutes=5))
    assert told.failures == FailurePlan(after=timedelta(minutes=5), notify=("slack",))


def test_every_part_can_be_declared() -> None:
    found = shop(LINE, f"{LINE}  failures: {{after: 10m, notify: [log], repeat: 4h}}\n")

    assert found.failures == FailurePlan(
        after=timedelta(minutes=10), notify=("log",), repeat=timedelta(hours=4)
    )
    assert "log" in found.channels


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{after: soon}", "failures.after: 'soon' is not a duration"),
        ("{notify: [slak]}", "failures.notify"),
        ("{repeat: 4h}", "failures.repeat: reminds nobody"),
        ("{repeat: 30s, notify: [log]}", "failures.repeat: must be a minute or longer"),
        ("{aftr: 5m}", "did you mean 'after'"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        shop(LINE, f"{LINE}  failures: {text}\n")

    assert message in str(caught.value)


def test_a_threshold_cannot_take_its_name() -> None:
    with pytest.raises(SpecError, match=r"defs.yaml:19: thresholds.pipeline_failure: "):
        shop("    low:\n", "    pipeline_failure:\n")
