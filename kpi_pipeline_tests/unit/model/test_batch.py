from kpi_pipeline.model.batch import Slice
from kpi_pipeline.model.moment import Interval, minute_interval
from kpi_pipeline_tests.unit.builders import AS_OF


def test_a_slice_replaces_its_days_and_its_minutes() -> None:
    minute, day = minute_interval(AS_OF), Interval(AS_OF.replace(day=1), AS_OF.replace(day=2))

    assert Slice(minutes=(minute,), days=(day,)).intervals == (day, minute)
