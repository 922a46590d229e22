from decimal import Decimal

import pytest

from kpi_pipeline.compute.sparkline import sparkline


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param(["0", "7"], "▁█", id="from the least to the greatest"),
        pytest.param(["0", "1", "2", "3", "4", "5", "6", "7"], "▁▂▃▄▅▆▇█", id="each block"),
        pytest.param(["-5", "0", "5"], "▁▄█", id="below nothing"),
        pytest.param(["5", None, "NaN", "6"], "▁  █", id="a blank where there is none"),
        pytest.param(["4", "4"], "▄▄", id="always the same"),
        pytest.param([None, None], "", id="nothing known"),
        pytest.param([], "", id="nothing at all"),
        pytest.param(["1e900", "0"], "█▁", id="a large one"),
    ],
)
def test_numbers_become_blocks(values: list[str | None], expected: str) -> None:
    assert sparkline([None if v is None else Decimal(v) for v in values]) == expected
