"""The long tail of channels through the optional package apprise; at least once."""

import importlib
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from kpi_pipeline.model.errors import DeliveryError
from kpi_pipeline.model.notice import Level, Notice, NoticeKind
from kpi_pipeline.notify.network import said
from kpi_pipeline.notify.settings import ChannelSettingsError, variable
from kpi_pipeline.notify.words import state

# Both would log addresses, and an apprise address holds its secrets.
_TALKATIVE = ("apprise", "urllib3.connectionpool")
_ours: ContextVar[bool] = ContextVar("_ours", default=False)


class Apprise:
    """Sends notices as plain text to the addresses of one target.

    An address that failed is tried again, and the others of the same target with it: give each
    its own target where that matters.

    Args:
        urls: Apprise addresses; secrets.
        target: The name of the addresses in the environment, '' for the only one.

    Raises:
        ChannelSettingsError: The package is missing, or an address is none that it knows.
    """

    def __init__(self, urls: Sequence[str], target: str = "") -> None:
        self._target, self._count = target, len(urls)
        with _quiet():
            self._apprise = _load(urls, variable("APPRISE_URLS", target))

    def __repr__(self) -> str:
        return f"Apprise({self._target!r})"

    @property
    def channel(self) -> str:
        """The channel's name in a threshold's `notify` list."""
        return f"apprise:{self._target}" if self._target else "apprise"

    @property
    def pace(self) -> float:
        """One a second: enough for most."""
        return 1.0

    @property
    def description(self) -> str:
        """How many addresses; they are secrets."""
        many = f"{self._count} address{'' if self._count == 1 else 'es'}"
        return f"{self.channel} ({many})"

    def deliver(self, notice: Notice, root: str = "") -> str:  # noqa: ARG002 - it knows no threads
        """Send the notice and return '': apprise gives no reference.

        Raises:
            DeliveryError: An address did not take it; apprise does not say for how long.
        """
        problem = self._send(notice)
        if problem:
            raise DeliveryError(
                f"{self.description}: {problem}. It is tried again; if it stays so, try the "
                "addresses with apprise's own command."
            )
        return ""

    def find(self, notice: Notice, root: str = "") -> str | None:  # noqa: ARG002 - the port's signature
        """Return None: nothing can be asked, so an ambiguous notice is sent again."""
        return None

    def _send(self, notice: Notice) -> str:
        """What went wrong, '' if nothing did; never apprise's own words."""
        try:
            with _quiet():
                title = f"{state(notice)}: {notice.headline}"
                taken = self._apprise.notify(
                    body=_body(notice), title=title, notify_type=_kind(notice), body_format="text"
                )
        except Exception as error:  # noqa: BLE001 - its message may hold an address
            return said(error)
        return "" if taken else "not every address took the alert"


def _load(urls: Sequence[str], setting: str) -> Any:  # noqa: ANN401 - the package is optional
    try:
        package = importlib.import_module("apprise")
    except ImportError:
        package = None
    if package is None:
        raise ChannelSettingsError(
            f"{setting} needs the package apprise: pip install 'kpi-pipeline[apprise]'."
        )
    # One by one, and nothing kept on disk.
    asset = package.AppriseAsset(
        app_id="kpi_pipeline", async_mode=False, storage_mode="memory", secure_logging=True
    )
    loaded = package.Apprise(asset=asset)
    refused = [str(number) for number, url in enumerate(urls, 1) if not loaded.add(url)]
    if refused or not urls:
        which = ", ".join(refused) or "1"
        raise ChannelSettingsError(f"{setting}: address {which} is none that apprise knows.")
    return loaded


def _body(notice: Notice) -> str:
    more = (("Trend", notice.trend), ("Owner", notice.owner), *notice.links)
    pairs = (*notice.facts, *((label, value) for label, value in more if value))
    facts = "\n".join(f"{label}: {value}" for label, value in pairs)
    return f"{notice.text or notice.rule}\n\n{facts}\nEpisode: {notice.episode_key}"


def _kind(notice: Notice) -> str:
    if notice.kind is NoticeKind.RESOLVE:
        return "success"
    return "failure" if notice.level is Level.CRITICAL else "warning"


@contextmanager
def _quiet() -> Iterator[None]:
    """Drop what the talkative loggers say meanwhile; levels could be raised again, this cannot.

    What apprise hands to threads of its own runs in a copy of this context, also beyond the end.
    """
    for name in _TALKATIVE:
        logging.getLogger(name).addFilter(_speaks)  # once, however often
    token = _ours.set(True)
    try:
        yield
    finally:
        _ours.reset(token)


def _speaks(_: logging.LogRecord) -> bool:
    return not _ours.get()
