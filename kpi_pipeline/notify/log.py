"""The log as a channel: what is left when no other channel is set up."""

import logging

from kpi_pipeline.model.notice import Notice, NoticeKind

_TITLES = {"slack": "Slack", "pagerduty": "PagerDuty", "email": "e-mail"}
_alerts = logging.getLogger("kpi_pipeline.alerts")


class LogNotifier:
    """Writes each notice as one line to the logger `kpi_pipeline.alerts`."""

    def __init__(self, channel: str) -> None:
        self._channel = channel

    @property
    def channel(self) -> str:
        """The channel that the log stands in for, such as `slack`."""
        return self._channel

    @property
    def pace(self) -> float:
        """None: a log takes what comes."""
        return 0.0

    @property
    def description(self) -> str:
        """Where messages go, and why they go there: `the log (no Slack settings)`."""
        if self._channel == "log":
            return "the log"
        kind, _, target = self._channel.partition(":")
        whose = f" for {target}" if target else ""
        return f"the log (no {_TITLES.get(kind, kind)} settings{whose})"

    def deliver(self, notice: Notice, root: str = "") -> str:  # noqa: ARG002
        """Write the notice (a resolve as INFO, all else as WARNING) and return ''."""
        level = logging.INFO if notice.kind is NoticeKind.RESOLVE else logging.WARNING
        _alerts.log(level, "%s", _line(notice))
        return ""

    def find(self, notice: Notice, root: str = "") -> str | None:  # noqa: ARG002 - the port's signature
        """Return None: the log cannot be asked, so an ambiguous notice is written again."""
        return None


def _line(notice: Notice) -> str:
    facts = "".join(f"; {label}: {value}" for label, value in notice.facts)
    line = (
        f"{notice.kind} {notice.level} {notice.pipeline}/{notice.rule}: {notice.text}"
        f"{facts}; episode {notice.episode_key}"
    )
    # A value from the data must not be able to start a line of its own, nor to steer a terminal.
    return " ".join("".join(c if c.isprintable() else " " for c in line).split())
