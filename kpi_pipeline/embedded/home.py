"""The folder of an embedded cluster: which file in it means what."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

LOG_LINES = 15


@dataclass(frozen=True, slots=True)
class Home:
    """Names the files of one cluster folder.

    Attributes:
        path: The folder itself, absolute.
    """

    path: Path

    @classmethod
    def at(cls, path: Path) -> "Home":
        """The home at `path`, created if it is not there yet."""
        resolved = path.expanduser().resolve()
        resolved.mkdir(parents=True, exist_ok=True)
        return cls(resolved)

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.path / "postgres"

    @property
    def users_lock(self) -> Path:
        """Held shared by every process that uses the server, exclusively by a stopping keeper."""
        return self.path / "users.lock"

    @property
    def keeper_lock(self) -> Path:
        """Held exclusively by the one keeper for as long as it lives."""
        return self.path / "keeper.lock"

    @property
    def log(self) -> Path:
        """What the keeper and PostgreSQL say; the run before is kept as `keeper.log.1`."""
        return self.path / "keeper.log"

    @property
    def ready(self) -> Path:
        """Exists while the server takes connections; says where its socket is, and who keeps it."""
        return self.path / "ready.json"

    def publish(self, socket: Path) -> None:
        """Tell every waiting user where the server listens, all of it or nothing."""
        draft = self.ready.with_suffix(".new")
        draft.write_text(json.dumps({"socket": str(socket), "keeper": os.getpid()}))
        draft.replace(self.ready)

    def withdraw(self) -> None:
        """Forget what was published; harmless when nothing was."""
        self.ready.unlink(missing_ok=True)

    def published(self) -> Path | None:
        """The folder of the server's socket, or None while no server is ready."""
        try:
            return Path(json.loads(self.ready.read_text())["socket"])
        except FileNotFoundError:
            return None

    def open_log(self) -> int:
        """A descriptor of a fresh log; the caller closes it."""
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.1"))
        return os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def log_tail(self) -> str:
        """The last lines of the log, for an error message."""
        if not self.log.exists():
            return "(no log)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-LOG_LINES:])
