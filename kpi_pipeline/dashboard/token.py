"""The dashboard's token: what is set, or what the first start makes up."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from kpi_pipeline.model.errors import KpiError

FILE = "dashboard_token"
LEAST = 16
"""Characters; fewer can be guessed."""


class TokenError(KpiError):
    """There is no token that could be used; says why."""


def kept_token(home: Path) -> str:
    """The token in the file `dashboard_token` of a folder, which nobody else may read.

    Raises:
        TokenError: It can be neither read nor made.
    """
    path = home / FILE
    try:
        with suppress(FileExistsError):
            if not path.exists():
                _make(path)
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise TokenError(
            f"{path} cannot be used ({type(error).__name__}); set KPI_DASHBOARD_TOKEN"
        ) from None
    if len(token) < LEAST:
        raise TokenError(f"{path} holds fewer than {LEAST} characters; remove it for a new token")
    return token


def _make(path: Path) -> None:
    """Whole or not at all, whoever else starts at the same time; the mode is 0600 from birth."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft, name = tempfile.mkstemp(dir=path.parent, prefix=".token")
    try:
        with os.fdopen(draft, "w", encoding="utf-8") as file:
            file.write(f"{secrets.token_urlsafe(32)}\n")
        Path(path).hardlink_to(name)
    finally:
        Path(name).unlink()
