import pytest

from kpi_pipeline.model.channel import KINDS, parse_channel


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("slack", ("slack", "")),
        ("slack:C0123456789", ("slack", "C0123456789")),
        ("log", ("log", "")),
        ("pagerduty", ("pagerduty", "")),
        ("pagerduty:payments", ("pagerduty", "payments")),
        ("email", ("email", "")),
        ("email:ops+eu@mail.example.com", ("email", "ops+eu@mail.example.com")),
        ("webhook:payments_2", ("webhook", "payments_2")),
        ("apprise:payments", ("apprise", "payments")),
    ],
)
def test_a_channel_is_a_kind_and_perhaps_a_target(name: str, expected: tuple[str, str]) -> None:
    assert parse_channel(name) == expected


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("slak", r"unknown channel 'slak' \(did you mean 'slack'\?\)", id="typing"),
        pytest.param("sms:1", "unknown channel 'sms:1'", id="not known"),
        pytest.param("log:file", "log takes no target", id="a log has none"),
        pytest.param("slack:#ops", "write it like slack:C0123456789", id="a name, not an ID"),
        pytest.param("slack:", "write it like slack:C0123456789", id="nothing behind the colon"),
        pytest.param("email:", "write it like email:ops@example.com", id="nobody"),
        pytest.param("email:ops", "write it like email:ops@example.com", id="no address"),
        pytest.param("email:a@b\nBcc: c@d", "write it like email:", id="a header of its own"),
        pytest.param("pagerduty:A B", "write it like pagerduty:payments", id="no name"),
        pytest.param("webhook:https://x.example", "write it like webhook:", id="an address"),
    ],
)
def test_what_is_no_channel_is_refused(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_channel(name)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if KINDS[kind].example])
def test_an_example_is_a_channel_of_its_kind(kind: str) -> None:
    assert parse_channel(KINDS[kind].example)[0] == kind
