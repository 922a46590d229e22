import gc

import pytest

from kpi_pipeline.pipeline.uncollected import uncollected


def test_garbage_is_collected_again_afterwards_whatever_happens() -> None:
    with pytest.raises(ValueError, match="a failed step"), uncollected():
        assert not gc.isenabled()
        raise ValueError("a failed step")

    assert gc.isenabled()
