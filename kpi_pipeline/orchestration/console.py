"""What runs write to the console: what people read; the UI keeps every event."""

from typing import Any

QUIET: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "INFO"}}}}
