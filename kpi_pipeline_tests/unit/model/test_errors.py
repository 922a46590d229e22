import pytest

from kpi_pipeline.model.errors import (
    DeliveryError,
    KpiError,
    RefillError,
    SpecError,
    StateConflictError,
)


def test_a_fault_in_a_declaration_begins_with_its_path() -> None:
    error = SpecError("is missing", path=("metrics", "orders"))

    assert (str(error), error.path) == ("metrics.orders: is missing", ("metrics", "orders"))


def test_a_fault_of_the_whole_declaration_has_no_path() -> None:
    assert str(SpecError("is missing")) == "is missing"


def test_a_failed_delivery_says_whether_and_when_to_try_again() -> None:
    error = DeliveryError("too fast", retry_after=2.5)

    assert (str(error), error.permanent, error.retry_after) == ("too fast", False, 2.5)


def test_a_metric_that_cannot_be_computed_is_named() -> None:
    assert RefillError("division by zero", "share").metric == "share"


@pytest.mark.parametrize("error", [SpecError("x"), DeliveryError("x"), StateConflictError("x")])
def test_every_error_is_one_that_a_person_can_act_on(error: Exception) -> None:
    assert isinstance(error, KpiError)
