"""`python -m benchmarks.catch_up_child DECLARATION SOURCE STATE`: how much memory a catch-up takes.

Prints the greatest resident size before and after, in bytes.
"""

import json
import resource
import sys
from contextlib import closing

from benchmarks.ours import Ours

UNIT = 1 if sys.platform == "darwin" else 1024


def main(declaration: str, source: str, state: str) -> None:
    """Assemble, look, fold everything."""
    with closing(Ours(declaration, source, state)) as ours:
        ours.look()
        before = _peak()
        ours.advance()
        sys.stdout.write(json.dumps({"before": before, "after": _peak()}))


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT


if __name__ == "__main__":
    main(*sys.argv[1:])
