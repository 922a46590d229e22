import pytest

from kpi_pipeline.compute.hushed import hushed


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://kpi:hush@db/kpi",
        "connection to postgresql+psycopg://kpi:hu%40sh@db:5432/kpi failed",
        "host=db password=hush user=kpi",
        "Password: hush",
        "?sslmode=require&password=hush&x=1",
        "api_key=hush, token = hush; secret:hush",
        "invalid token xoxb-12-hush",
        "https://hooks.slack.com/services/T0/B0/hush",
    ],
)
def test_no_secret_is_left(text: str) -> None:
    found = hushed(text)

    assert "sh@" not in found
    assert "hush" not in found
    assert "***" in found


@pytest.mark.parametrize(
    "text",
    [
        "source: no table 'public.transactions'; did you mean 'orders'?",
        "connection to server at 10.0.0.1, port 5432 failed: Connection refused",
        'password authentication failed for user "kpi"',
        "ask ops@example.com at 12:30",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert hushed(text) == text
