"""`python -m benchmarks.catch_up_child DECLARATION SOURCE STATE`: how much memory a catch-up takes.

Prints the greatest resident size before and after, in bytes.
"""

import json
import resource
import sys
from contextlib import closing
from pathlib import Path

from benchmarks.ours import Ours

STATUS = Path("/proc/self/status")
KIB = 1024


def main(declaration: str, source: str, state: str) -> None:
    """Assemble, look, fold everything."""
    with closing(Ours(declaration, source, state)) as ours:
        ours.look()
        before = _peak()
        ours.advance()
        sys.stdout.write(json.dumps({"before": before, "after": _peak()}))


def _peak() -> int:
    """Of this program alone: `ru_maxrss` on Linux remembers the process that started it."""
    if STATUS.exists():
        lines = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) * KIB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


if __name__ == "__main__":
    main(*sys.argv[1:])
