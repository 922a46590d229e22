import pytest

from kpi_pipeline.model.declaration.rule_file import with_rules
from kpi_pipeline.model.errors import SpecError
from kpi_pipeline_tests.unit.builders import shop

GOOD = """\
thresholds:
  high: {metric: orders, window: hour, above: 5, owner: ops}
owners:
  ops: {notify: log}
"""


def test_the_rules_of_a_file_stand_in_place_of_the_declared_ones() -> None:
    spec = with_rules(shop(), GOOD, "rules.yaml")

    assert {name: rule.notify for name, rule in spec.thresholds.items()} == {"high": ("log",)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.replace("orders", "order"), "rules.yaml:2: thresholds.high.metric: unknown metric"),
        (GOOD.replace("above", "abov"), "rules.yaml:2: thresholds.high.abov: unknown key"),
        (
            GOOD.replace("owner: ops", "inhibited_by: source_drift"),
            "rules.yaml:2: thresholds.high.inhibited_by: there is no rule 'source_drift' unless",
        ),
        (GOOD.replace("owners:", "owner:"), "rules.yaml:3: owner: unknown key"),
        ("thresholds: {}", "rules.yaml:1: needs rules under `thresholds:`"),
        ("[1]", "rules.yaml:1: must be a mapping"),
        ("{", "rules.yaml:1: not YAML"),
    ],
)
def test_a_fault_is_told_with_file_and_line(text: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        with_rules(shop(), text, "rules.yaml")

    assert str(caught.value).startswith(message)
