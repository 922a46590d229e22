from datetime import timedelta
from decimal import Decimal

import pytest

from kpi_pipeline.model.errors import SpecError
from kpi_pipeline.model.threshold import Freshness, Threshold
from kpi_pipeline_tests.unit.builders import shop


def test_a_threshold_has_all_that_it_says() -> None:
    rule = shop(
        "warn_below: 30",
        """critical_below: 20
      warn_below: 30.50
      clear_above: 31
      clear_below: 89
      warn_above: 90
      critical_above: 1e2
      for: 5m
      min_count: 20""",
    ).thresholds["low"]

    assert rule == Threshold(
        name="low",
        metric="average",
        window="today",
        critical_below=Decimal(20),
        warn_below=Decimal("30.5"),
        clear_above=Decimal(31),
        clear_below=Decimal(89),
        warn_above=Decimal(90),
        critical_above=Decimal(100),
        lasting=timedelta(minutes=5),
        min_count=20,
        notify=("slack",),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("below: 30", (Decimal(30), None), id="below alone means warn below"),
        pytest.param("above: 30", (None, Decimal(30)), id="above alone means warn above"),
        pytest.param("below: 0.1", (Decimal("0.1"), None), id="a fraction stays exact"),
        pytest.param("below: -5", (Decimal(-5), None), id="a bound may be negative"),
        pytest.param("below: '1e1000'", (Decimal("1e1000"), None), id="the largest bound"),
    ],
)
def test_a_plain_bound_warns(text: str, expected: tuple[Decimal | None, Decimal | None]) -> None:
    rule = shop("warn_below: 30", text).thresholds["low"]

    assert (rule.warn_below, rule.warn_above) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("notify: log", ("log",), id="a single channel needs no list"),
        pytest.param("notify: [log, slack, log]", ("log", "slack"), id="each channel once"),
        pytest.param("notify: []", (), id="nobody"),
        pytest.param("min_count: 0", (), id="nothing said"),
    ],
)
def test_a_threshold_notifies_the_channels_that_it_names(
    text: str, expected: tuple[str, ...]
) -> None:
    assert shop("notify: [slack]", text).thresholds["low"].notify == expected


def test_there_may_be_no_thresholds() -> None:
    spec = shop(
        """thresholds:
    low:
      metric: average
      window: today
      warn_below: 30
      notify: [slack]
""",
        "thresholds:\n",
    )

    assert spec.thresholds == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "{}", Freshness(warn_after=timedelta(minutes=15)), id="a quarter of an hour by default"
        ),
        pytest.param(
            "{warn_after: 10m, critical_after: 10m, notify: slack}",
            Freshness(
                warn_after=timedelta(minutes=10),
                critical_after=timedelta(minutes=10),
                notify=("slack",),
            ),
            id="both limits may be the same",
        ),
        pytest.param(
            "{critical_after: 1h}",
            Freshness(warn_after=timedelta(minutes=15), critical_after=timedelta(hours=1)),
            id="the critical limit alone",
        ),
    ],
)
def test_freshness_has_its_limits(text: str, expected: Freshness) -> None:
    assert shop("{warn_after: 10m}", text).freshness == expected


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            "warn_below: 30",
            "warn_belo: 30",
            "defs.yaml:22: thresholds.low.warn_belo: unknown key (did you mean 'warn_below'?)",
            id="an unknown key names the nearest",
        ),
        pytest.param(
            "metric: average",
            "metric: avrage",
            (
                "defs.yaml:20: thresholds.low.metric: unknown metric 'avrage' (did you mean "
                "'average'?)"
            ),
            id="an unknown metric names the nearest",
        ),
        pytest.param(
            "window: today",
            "window: todai",
            "defs.yaml:21: thresholds.low.window: unknown window 'todai' (did you mean 'today'?)",
            id="an unknown window names the nearest",
        ),
        pytest.param(
            "      metric: average\n",
            "",
            "defs.yaml:19: thresholds.low: the key 'metric' is missing",
            id="a metric is needed",
        ),
        pytest.param(
            "      window: today\n",
            "",
            "defs.yaml:19: thresholds.low: the key 'window' is missing",
            id="a window is needed",
        ),
        pytest.param(
            "[slack]",
            "[slak]",
            "defs.yaml:23: thresholds.low.notify: unknown channel 'slak' (did you mean 'slack'?)",
            id="an unknown channel names the nearest",
        ),
        pytest.param(
            "[slack]",
            "[pigeon]",
            (
                "defs.yaml:23: thresholds.low.notify: unknown channel 'pigeon' (known: apprise, "
                "email, log, pagerduty, slack, webhook)"
            ),
            id="an unknown channel near to none lists all",
        ),
        pytest.param(
            "[slack]",
            "[{slack: 1}]",
            "defs.yaml:23: thresholds.low.notify: must be text, not {'slack': 1}",
            id="a channel is a word",
        ),
        pytest.param(
            "    low:\n",
            "    freshness:\n",
            (
                "defs.yaml:19: thresholds.freshness: a name is lower case letters, digits and "
                "_, and none of `freshness`, `source_drift`, `pipeline_failure`"
            ),
            id="a reserved name",
        ),
        pytest.param(
            "    low:\n",
            "    pipeline_failure:\n",
            (
                "defs.yaml:19: thresholds.pipeline_failure: a name is lower case letters, digits "
                "and _, and none of `freshness`, `source_drift`, `pipeline_failure`"
            ),
            id="the name of what tells that ticks and runs fail",
        ),
        pytest.param(
            "    low:\n",
            "    Low:\n",
            (
                "defs.yaml:19: thresholds.Low: a name is lower case letters, digits and _, and "
                "none of `freshness`, `source_drift`, `pipeline_failure`"
            ),
            id="a name that is not plain",
        ),
        pytest.param(
            "warn_below: 30",
            "min_count: 3",
            (
                "defs.yaml:19: thresholds.low: needs a bound: below, above, warn_below, "
                "critical_above, ..."
            ),
            id="no bound",
        ),
        pytest.param(
            "warn_below: 30",
            "warn_below:",
            (
                "defs.yaml:19: thresholds.low: needs a bound: below, above, warn_below, "
                "critical_above, ..."
            ),
            id="an empty bound is no bound",
        ),
        pytest.param(
            "warn_below: 30",
            "clear_above: 30",
            (
                "defs.yaml:19: thresholds.low: needs a bound: below, above, warn_below, "
                "critical_above, ..."
            ),
            id="a clear bound alone",
        ),
        pytest.param(
            "warn_below: 30",
            "above: 30\n      clear_above: 40",
            "defs.yaml:19: thresholds.low: a clear bound needs the bound that it clears",
            id="a clear bound of the other side, below",
        ),
        pytest.param(
            "warn_below: 30",
            "below: 30\n      clear_below: 20",
            "defs.yaml:19: thresholds.low: a clear bound needs the bound that it clears",
            id="a clear bound of the other side, above",
        ),
        pytest.param(
            "warn_below: 30",
            "warn_below: 30\n      below: 30",
            "defs.yaml:23: thresholds.low.below: means warn_below, which is given too",
            id="the same bound twice, below",
        ),
        pytest.param(
            "warn_below: 30",
            "warn_above: 30\n      above: 30",
            "defs.yaml:23: thresholds.low.above: means warn_above, which is given too",
            id="the same bound twice, above",
        ),
        pytest.param(
            "warn_below: 30",
            "warn_below: 30\n      critical_below: 31",
            (
                "defs.yaml:19: thresholds.low: low bounds must rise: critical_below <= "
                "warn_below <= clear_above; here they are 31, 30"
            ),
            id="critical before warn, below",
        ),
        pytest.param(
            "warn_below: 30",
            "warn_above: 30\n      critical_above: 29",
            (
                "defs.yaml:19: thresholds.low: high bounds must rise: clear_below <= "
                "warn_above <= critical_above; here they are 30, 29"
            ),
            id="critical before warn, above",
        ),
        pytest.param(
            "warn_below: 30",
            "warn_below: 30\n      clear_above: 29",
            (
                "defs.yaml:19: thresholds.low: low bounds must rise: critical_below <= "
                "warn_below <= clear_above; here they are 30, 29"
            ),
            id="cleared while still in breach, below",
        ),
        pytest.param(
            "warn_below: 30",
            "warn_above: 30\n      clear_below: 31",
            (
                "defs.yaml:19: thresholds.low: high bounds must rise: clear_below <= "
                "warn_above <= critical_above; here they are 31, 30"
            ),
            id="cleared while still in breach, above",
        ),
        pytest.param(
            "warn_below: 30",
            "below: 30\n      above: 20",
            (
                "defs.yaml:19: thresholds.low: low and high bounds overlap, so no value would "
                "be healthy"
            ),
            id="nothing would be healthy",
        ),
        pytest.param(
            "warn_below: 30",
            "warn_below: many",
            "defs.yaml:22: thresholds.low.warn_below: must be a number, not 'many'",
            id="a bound in words",
        ),
        pytest.param(
            "warn_below: 30",
            "warn_below: 1,000",
            "defs.yaml:22: thresholds.low.warn_below: must be a number, not '1,000'",
            id="a bound with thousands separated",
        ),
        pytest.param(
            "warn_below: 30",
            "warn_below: true",
            "defs.yaml:22: thresholds.low.warn_below: must be a number, not True",
            id="a bound that is a truth",
        ),
        pytest.param(
            "warn_below: 30",
            "warn_below: [30]",
            "defs.yaml:22: thresholds.low.warn_below: must be a number, not [30]",
            id="a bound that is a list",
        ),
        pytest.param(
            "warn_below: 30",
            "warn_below: .nan",
            (
                "defs.yaml:22: thresholds.low.warn_below: must be a finite number of sensible "
                "size, not nan"
            ),
            id="a bound that is not a number",
        ),
        pytest.param(
            "warn_below: 30",
            "warn_below: -.inf",
            (
                "defs.yaml:22: thresholds.low.warn_below: must be a finite number of sensible "
                "size, not -inf"
            ),
            id="a bound without end",
        ),
        pytest.param(
            "warn_below: 30",
            "warn_below: 1e1001",
            (
                "defs.yaml:22: thresholds.low.warn_below: must be a finite number of sensible "
                "size, not '1e1001'"
            ),
            id="an absurdly large bound",
        ),
        pytest.param(
            "warn_below: 30",
            "warn_below: 1e-1001",
            (
                "defs.yaml:22: thresholds.low.warn_below: must be a finite number of sensible "
                "size, not '1e-1001'"
            ),
            id="an absurdly small bound",
        ),
        pytest.param(
            "warn_below: 30",
            "warn_below: 1e99999999999999999999",
            (
                "defs.yaml:22: thresholds.low.warn_below: must be a number, not "
                "'1e99999999999999999999'"
            ),
            id="a bound that no decimal can hold",
        ),
        pytest.param(
            "warn_below: 30",
            "warn_below: 30\n      min_count: -1",
            (
                "defs.yaml:23: thresholds.low.min_count: must be a whole number that is not "
                "negative, not -1"
            ),
            id="a count below nothing",
        ),
        pytest.param(
            "warn_below: 30",
            "warn_below: 30\n      min_count: 1.5",
            (
                "defs.yaml:23: thresholds.low.min_count: must be a whole number that is not "
                "negative, not 1.5"
            ),
            id="a count of parts",
        ),
        pytest.param(
            "warn_below: 30",
            "warn_below: 30\n      min_count: true",
            (
                "defs.yaml:23: thresholds.low.min_count: must be a whole number that is not "
                "negative, not True"
            ),
            id="a count that is a truth",
        ),
        pytest.param(
            "warn_below: 30",
            "warn_below: 30\n      min_count: '20'",
            (
                "defs.yaml:23: thresholds.low.min_count: must be a whole number that is not "
                "negative, not '20'"
            ),
            id="a count in quotes",
        ),
        pytest.param(
            "warn_below: 30",
            "warn_below: 30\n      for: 5",
            (
                "defs.yaml:23: thresholds.low.for: '5' is not a duration; write it like 30s, "
                "15m, 2h or 7 days"
            ),
            id="a duration without its unit",
        ),
        pytest.param(
            "{warn_after: 10m}",
            "{warn_afte: 10m}",
            "defs.yaml:24: freshness.warn_afte: unknown key (did you mean 'warn_after'?)",
            id="freshness: an unknown key",
        ),
        pytest.param(
            "{warn_after: 10m}",
            "{warn_after: 10m, critical_after: 9m}",
            "defs.yaml:24: freshness.critical_after: must not be shorter than warn_after",
            id="freshness: limits that contradict",
        ),
        pytest.param(
            "{warn_after: 10m}",
            "{notify: emai}",
            "defs.yaml:24: freshness.notify: unknown channel 'emai' (did you mean 'email'?)",
            id="freshness: an unknown channel",
        ),
        pytest.param(
            "{warn_after: 10m}",
            "10m",
            "defs.yaml:24: freshness: must be a mapping of keys, not '10m'",
            id="freshness: not a mapping",
        ),
    ],
)
def test_a_fault_is_told_with_file_line_and_path(old: str, new: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        shop(old, new)

    assert str(caught.value) == message
