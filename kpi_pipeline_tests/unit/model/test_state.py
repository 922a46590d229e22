from dataclasses import replace

from kpi_pipeline.model.moment import EARLIEST, MINUTE, Interval
from kpi_pipeline.model.state import Cause, Dirty, PipelineState

BLANK = PipelineState(
    revision=0,
    position=None,
    definitions={},
    watermark=None,
    as_of=None,
    guarantee=None,
    recent=(),
    history_from=None,
    newest_bucket=None,
    minutes_from=None,
    rolled_until=None,
    dirty=(),
)


def test_a_pipeline_has_started_once_it_has_a_position() -> None:
    assert [BLANK.started, replace(BLANK, position="0").started] == [False, True]


def test_a_changed_definition_alone_concerns_no_other_metric() -> None:
    span = Interval(EARLIEST, EARLIEST + MINUTE)

    assert {cause for cause in Cause if not Dirty(span, cause).live} == {Cause.DEFINITION}
