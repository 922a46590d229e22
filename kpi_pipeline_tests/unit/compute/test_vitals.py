from datetime import timedelta

import pytest

from kpi_pipeline.compute.vitals import clock_skew, clock_warnings, encryption, server_version
from kpi_pipeline.model.finding import Severity
from kpi_pipeline_tests.unit.builders import AS_OF


@pytest.mark.parametrize(
    ("number", "level"),
    [
        (120_022, Severity.PROBLEM),
        (130_000, Severity.OK),
        (180_004, Severity.OK),
        (190_000, Severity.WARNING),
    ],
    ids=["too old", "oldest", "newest", "not tested"],
)
def test_servers_of_the_tested_versions_are_fine(number: int, level: Severity) -> None:
    found = server_version("source", number)

    assert found.level is level
    assert str(number // 10_000) in found.what
    assert bool(found.remedy) is (level is not Severity.OK)


@pytest.mark.parametrize(
    ("server", "encrypted", "level"),
    [
        (None, False, Severity.OK),
        ("127.0.0.1", False, Severity.OK),
        ("::1", False, Severity.OK),
        ("10.0.0.7", True, Severity.OK),
        ("10.0.0.7", False, Severity.WARNING),
        ("fd00::7", False, Severity.WARNING),
    ],
    ids=["socket", "loopback", "loopback 6", "tls", "clear", "clear 6"],
)
def test_only_the_clear_over_a_network_is_a_warning(
    server: str | None, level: Severity, *, encrypted: bool
) -> None:
    found = encryption("state", "KPI_STATE_URL", server, encrypted=encrypted)

    assert found.level is level


@pytest.mark.parametrize(
    ("seconds", "level", "told"),
    [
        (0, Severity.OK, "agree"),
        (-2, Severity.OK, "agree"),
        (3, Severity.WARNING, "source is 3s ahead of state"),
        (-60, Severity.WARNING, "source is 1m behind state"),
        (61, Severity.PROBLEM, "source is 1m 1s ahead of state"),
    ],
)
def test_clocks_may_differ_a_little(seconds: int, level: Severity, told: str) -> None:
    found = clock_skew("source", "state", timedelta(seconds=seconds))

    assert found.level is level
    assert told in found.what
    assert ("NTP" in found.remedy) is (level is not Severity.OK)


@pytest.mark.parametrize(
    ("minutes", "told"),
    [(0, ""), (5, ""), (-5, ""), (90, "1h 30m ahead of"), (-90, "1h 30m behind")],
)
def test_a_run_tells_of_a_source_whose_clock_is_far_off(minutes: int, told: str) -> None:
    found = clock_warnings(AS_OF + timedelta(minutes=minutes), AS_OF)

    assert bool(found) is bool(told)
    assert all(told in warning for warning in found)
    assert clock_warnings(AS_OF, None) == ()
