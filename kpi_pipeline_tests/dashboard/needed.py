"""Programs that tests run: skipped by name where one is missing, a failure in CI."""

import os
import shutil

import pytest


def need(program: str, package: str) -> str:
    """Where the program is; the test is skipped where it is nowhere."""
    path = shutil.which(program)
    if path is not None:
        return path
    message = f"skipped: no {program} here; on Debian: apt-get install {package}"
    if os.environ.get("KPI_ALLOW_NO_SKIP"):
        pytest.fail(message)
    pytest.skip(message)
