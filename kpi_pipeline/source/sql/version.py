"""Which versions of other databases this release knows."""

import re

from kpi_pipeline.model.finding import Finding, fine, problem, warning

SUBJECT = "source version"
OLDEST_MARIADB = (10, 6)
"""The oldest that is still maintained."""
OLDEST_SQLITE = (3, 30)
"""The first that knows FILTER."""


def mariadb_version(shown: str) -> Finding:
    """Judge what `version()` shows, such as `10.11.6-MariaDB-log`; MySQL shows no name."""
    number = shown.split("-", 1)[0]
    if "mariadb" not in shown.lower():
        what = f"MySQL {number} is not tested with this release, MariaDB is"
        return warning(SUBJECT, what, "Hold its numbers against the table: `kpi-pipeline audit`.")
    if _parts(number) < OLDEST_MARIADB:
        what = f"MariaDB {number} is older than {_dotted(OLDEST_MARIADB)}, and not tested"
        return warning(SUBJECT, what, f"Upgrade it to MariaDB {_dotted(OLDEST_MARIADB)} or later.")
    return fine(SUBJECT, f"MariaDB {number}")


def sqlite_version(shown: str) -> Finding:
    """Judge the library that Python has, such as `3.40.1`."""
    if _parts(shown) < OLDEST_SQLITE:
        what = f"SQLite {shown} is older than {_dotted(OLDEST_SQLITE)}, and cannot answer"
        return problem(SUBJECT, what, "Use a Python with a newer SQLite.")
    return fine(SUBJECT, f"SQLite {shown}")


def _parts(number: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", number))


def _dotted(parts: tuple[int, ...]) -> str:
    return ".".join(map(str, parts))
