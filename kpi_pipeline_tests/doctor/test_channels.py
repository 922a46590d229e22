"""What the doctor says of channels that rules name."""

from dataclasses import replace

import pytest

from kpi_pipeline.assembly import channels
from kpi_pipeline.config import Settings
from kpi_pipeline.model.declaration.lines import parse_text
from kpi_pipeline.model.finding import Finding
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.pipeline.channel_remedy import channel_remedy
from kpi_pipeline.pipeline.doctor import look_at_channels
from kpi_pipeline_tests.sales import DECLARATION


def _look(settings: Settings, *notify: str) -> list[Finding]:
    spec: PipelineSpec = parse_text("sales", DECLARATION, "defs.yaml")
    rules = {name: replace(rule, notify=notify) for name, rule in spec.thresholds.items()}
    spec = replace(spec, thresholds=rules)
    return list(look_at_channels(spec, lambda: channels(settings, spec.channels)))


def test_each_channel_without_settings_is_told_with_those_it_wants() -> None:
    found = _look(Settings(), "pagerduty:payments", "email:ops@example.com", "log")

    assert [finding.remedy for finding in found] == [
        "Set SMTP_URL and SMTP_FROM.",
        "Set PAGERDUTY_ROUTING_KEY_PAYMENTS.",
    ]


def test_channels_that_are_set_up_are_fine_and_named() -> None:
    settings = Settings(pagerduty_keys={"PAYMENTS": "k" * 32})
    (finding,) = _look(settings, "pagerduty:payments")

    assert finding.what == "PagerDuty (payments)"


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("slack", "Set SLACK_BOT_TOKEN and SLACK_CHANNEL, or SLACK_WEBHOOK_URL."),
        ("slack:C0EU", "Set SLACK_BOT_TOKEN."),
        ("email", "Set SMTP_URL, SMTP_FROM and EMAIL_TO."),
        ("webhook:eu", "Set WEBHOOK_URL_EU, and WEBHOOK_SECRET_EU for a signature."),
        ("apprise", "Set APPRISE_URLS."),
    ],
)
def test_a_remedy_names_the_very_settings(name: str, remedy: str) -> None:
    assert channel_remedy(name) == remedy
