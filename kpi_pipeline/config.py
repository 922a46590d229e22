"""Settings from the environment: read once, checked together, frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from kpi_pipeline.model.errors import KpiError

DEFAULT_PORT = 3000
DEFAULT_RATE = 3.0
DEFAULT_RUN_SECONDS = 40
DEFAULT_DASHBOARD_HOST, DEFAULT_DASHBOARD_PORT = "127.0.0.1", 8787
SHORTEST_TOKEN = 16
REDIS = ("redis", "rediss", "unix")


class SettingsError(KpiError):
    """Settings are wrong; the message lists every problem."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says. Fields that may hold a secret never show in `repr`.

    Attributes:
        source_url: `KPI_SOURCE_URL`; None means the embedded database.
        state_url: `KPI_STATE_URL`; None means the embedded database.
        test_url: `KPI_TEST_URL`; where `kpi-pipeline test` makes its scratch database; None means
            on the embedded server.
        home: `KPI_HOME`; where the embedded database keeps its data.
        run_budget: `KPI_RUN_SECONDS`; how long one run folds before it lets the next go on.
        pagerduty_keys: `PAGERDUTY_ROUTING_KEY` under '', those of targets under their suffix.
        pagerduty_api: `PAGERDUTY_API_URL`; another address for PagerDuty's Events API.
        smtp_url, smtp_from: `SMTP_URL` and `SMTP_FROM`; the mail server and the sender.
        email_to: `EMAIL_TO`; the recipient where a rule names none.
        webhook_urls, webhook_secrets: `WEBHOOK_URL` and `WEBHOOK_SECRET`, by suffix.
        apprise_urls: `APPRISE_URLS`, by suffix.
        slack_token, slack_channel: `SLACK_BOT_TOKEN` and `SLACK_CHANNEL`, an id such as C024BE91L.
        slack_webhook: `SLACK_WEBHOOK_URL`.
        slack_api: `SLACK_API_URL`; another address for Slack's API, such as a local peer's.
        heartbeat_url: `KPI_HEARTBEAT_URL`; asked for after each tick and run that went well.
        redis_url: `KPI_REDIS_URL`; where the dashboard's server writes every snapshot, too.
        ui_url: `KPI_UI_URL`; where people reach Dagster's UI, for the links in messages.
        dashboard_host, dashboard_port: `KPI_DASHBOARD_HOST` and `KPI_DASHBOARD_PORT`; where the
            dashboard listens.
        dashboard_hosts: `KPI_DASHBOARD_HOSTS`; names that it may be asked by, beside loopback's.
        dashboard_token: `KPI_DASHBOARD_TOKEN`; None for the one that is kept in `home`.
        dashboard_url: `KPI_DASHBOARD_URL`; where people reach it, for the links in messages.
        demo_rate: `KPI_DEMO_RATE`; rows a second that the demo shop sells.
        port: `KPI_PORT`; of Dagster's UI.
    """

    source_url: str | None = field(default=None, repr=False)
    state_url: str | None = field(default=None, repr=False)
    test_url: str | None = field(default=None, repr=False)
    home: Path = Path(".kpi")
    run_budget: timedelta = timedelta(seconds=DEFAULT_RUN_SECONDS)
    pagerduty_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    pagerduty_api: str | None = field(default=None, repr=False)
    smtp_url: str | None = field(default=None, repr=False)
    smtp_from: str | None = field(default=None, repr=False)
    email_to: str | None = field(default=None, repr=False)
    webhook_urls: Mapping[str, str] = field(default_factory=dict, repr=False)
    webhook_secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    apprise_urls: Mapping[str, str] = field(default_factory=dict, repr=False)
    slack_token: str | None = field(default=None, repr=False)
    slack_channel: str | None = field(default=None, repr=False)  # a token may land here
    slack_webhook: str | None = field(default=None, repr=False)
    slack_api: str | None = field(default=None, repr=False)
    heartbeat_url: str | None = field(default=None, repr=False)
    redis_url: str | None = field(default=None, repr=False)
    ui_url: str | None = field(default=None, repr=False)
    dashboard_host: str = DEFAULT_DASHBOARD_HOST
    dashboard_port: int = DEFAULT_DASHBOARD_PORT
    dashboard_hosts: frozenset[str] = frozenset()
    dashboard_token: str | None = field(default=None, repr=False)
    dashboard_url: str | None = field(default=None, repr=False)
    demo_rate: float = DEFAULT_RATE
    port: int = DEFAULT_PORT


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read all settings.

    Raises:
        SettingsError: Lists every setting that cannot be used, by name.
    """
    reader = _Reader(environ)
    settings = Settings(
        source_url=reader.url("KPI_SOURCE_URL"),
        state_url=reader.url("KPI_STATE_URL"),
        test_url=reader.url("KPI_TEST_URL"),
        home=home_of(environ),
        run_budget=timedelta(
            seconds=reader.number("KPI_RUN_SECONDS", DEFAULT_RUN_SECONDS, 1, 3600)
        ),
        pagerduty_keys=reader.family("PAGERDUTY_ROUTING_KEY"),
        pagerduty_api=reader.text("PAGERDUTY_API_URL"),
        smtp_url=reader.url("SMTP_URL"),
        smtp_from=reader.text("SMTP_FROM"),
        email_to=reader.text("EMAIL_TO"),
        webhook_urls=reader.family("WEBHOOK_URL"),
        webhook_secrets=reader.family("WEBHOOK_SECRET"),
        apprise_urls=reader.family("APPRISE_URLS"),
        slack_token=reader.text("SLACK_BOT_TOKEN"),
        slack_channel=reader.text("SLACK_CHANNEL"),
        slack_webhook=reader.text("SLACK_WEBHOOK_URL"),
        slack_api=reader.text("SLACK_API_URL"),
        heartbeat_url=reader.url("KPI_HEARTBEAT_URL"),
        redis_url=reader.url("KPI_REDIS_URL", REDIS),
        ui_url=reader.shown("KPI_UI_URL"),
        dashboard_host=reader.text("KPI_DASHBOARD_HOST") or DEFAULT_DASHBOARD_HOST,
        dashboard_port=int(reader.number("KPI_DASHBOARD_PORT", DEFAULT_DASHBOARD_PORT, 1, 65535)),
        dashboard_hosts=reader.names("KPI_DASHBOARD_HOSTS"),
        dashboard_token=reader.secret("KPI_DASHBOARD_TOKEN"),
        dashboard_url=reader.shown("KPI_DASHBOARD_URL"),
        demo_rate=reader.number("KPI_DEMO_RATE", DEFAULT_RATE, 0.01, 1000),
        port=int(reader.number("KPI_PORT", DEFAULT_PORT, 1, 65535)),
    )
    if reader.problems:
        raise SettingsError("; ".join(reader.problems))
    return settings


def home_of(environ: Mapping[str, str]) -> Path:
    """Where the embedded database keeps its data: `KPI_HOME`, or `.kpi` in this folder."""
    return Path(environ.get("KPI_HOME") or ".kpi").resolve()


class _Reader:
    """Collects problems instead of stopping at the first."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[str] = []

    def text(self, name: str) -> str | None:
        return self.environ.get(name, "").strip() or None

    def family(self, name: str) -> dict[str, str]:
        """A setting and those of targets: `NAME` under '', `NAME_PAYMENTS` under `PAYMENTS`."""
        found = {key: self.text(key) for key in self.environ if f"{key}_".startswith(f"{name}_")}
        if found.pop(f"{name}_", None):
            self.problems.append(f"{name}_ names no target: write {name}, or {name}_TARGET")
        return {key[len(name) + 1 :]: value for key, value in found.items() if value}

    def url(self, name: str, schemes: tuple[str, ...] = ()) -> str | None:
        """A bare @ in a password would end it, and show its rest as a host's name."""
        url = self.text(name)
        if url and schemes and url.partition("://")[0] not in schemes:
            self.problems.append(
                f"{name} must begin with {' or '.join(f'{s}://' for s in schemes)}"
            )
        authority = (url or "").partition("://")[2].partition("/")[0]
        if authority.count("@") > 1:
            self.problems.append(f"{name}: write each @ in the user or password as %40")
        return url

    def shown(self, name: str) -> str | None:
        """An address that stands in messages, so it must hold no secret."""
        url = self.text(name)
        if "@" in (url or "").partition("://")[2].partition("/")[0]:
            self.problems.append(f"{name}: leave the login out; it would stand in every message")
        elif url and not url.startswith(("http://", "https://")):
            self.problems.append(f"{name} must be an address that begins with http:// or https://")
        return url

    def names(self, name: str) -> frozenset[str]:
        """Names with commas between them."""
        given = (word.strip().lower() for word in (self.text(name) or "").split(","))
        return frozenset(word for word in given if word)

    def secret(self, name: str) -> str | None:
        """A secret that people made up, which must not be easy to guess."""
        found = self.text(name)
        if found is not None and len(found) < SHORTEST_TOKEN:
            self.problems.append(f"{name} must have {SHORTEST_TOKEN} characters or more")
        return found

    def number(self, name: str, default: float, least: float, most: float) -> float:
        raw = self.text(name)
        if raw is None:
            return default
        try:
            value = float(raw)
        except ValueError:
            value = float("nan")
        if not least <= value <= most:
            self.problems.append(f"{name} must be a number from {least:g} to {most:g}, not {raw!r}")
            return default
        return value
