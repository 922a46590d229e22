import gc

import pytest

from kpi_pipeline.pipeline.uncollected import uncollected


@uncollected()
def a_step_that_fails() -> None:
    assert not gc.isenabled()
    raise ValueError("of its own")


def test_garbage_is_collected_again_afterwards_whatever_happens() -> None:
    with pytest.raises(ValueError, match="of its own"):
        a_step_that_fails()

    assert gc.isenabled()
