from datetime import time, timedelta

import pytest

from kpi_pipeline.model.audit import AuditPlan
from kpi_pipeline.model.errors import SpecError
from kpi_pipeline_tests.unit.builders import shop

LINE = "  freshness: {warn_after: 10m}\n"


def plan(text: str) -> AuditPlan:
    return shop(LINE, f"{LINE}  audit: {text}\n").audit


def test_without_a_word_recent_hours_are_audited_often_and_everything_daily() -> None:
    assert shop().audit == AuditPlan(
        every=timedelta(minutes=10), recent=timedelta(hours=48), at=time(3, 30), share=1.0
    )


def test_every_part_can_be_declared() -> None:
    found = plan("{every: 1h, recent: 7 days, daily_at: '22:15', share: 0.2}")

    assert found == AuditPlan(
        every=timedelta(hours=1), recent=timedelta(days=7), at=time(22, 15), share=0.2
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{every: 7m}", "audit.every: must divide an hour or a day"),
        ("{every: 90s}", "audit.every: must divide an hour or a day"),
        ("{every: 0s}", "audit.every: must divide an hour or a day"),
        ("{every: 5h}", "audit.every: must divide an hour or a day"),
        ("{every: 2 days}", "audit.every: must divide an hour or a day"),
        ("{share: 0}", "audit.share: must be above 0"),
        ("{share: 1.5}", "audit.share: must be above 0"),
        ("{daily_at: noon}", "audit.daily_at: 'noon' is not a time of day"),
        ("{recent: soon}", "audit.recent: 'soon' is not a duration"),
        ("{evry: 10m}", "did you mean 'every'"),
    ],
)
def test_what_a_schedule_cannot_keep_is_refused(text: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        plan(text)

    assert message in str(caught.value)
