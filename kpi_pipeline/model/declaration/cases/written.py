"""YAML whose numbers and dates stay as a person wrote them: 10.50 has two decimals."""

import re
from decimal import Decimal

import yaml

WHOLE = re.compile(r"[-+]?(0|[1-9][0-9_]*)")
SPECIAL = {".inf": "Infinity", "+.inf": "Infinity", "-.inf": "-Infinity", ".nan": "NaN"}
TAG = "tag:yaml.org,2002:"


class AsWritten(yaml.SafeLoader):
    """Reads no floats and no dates; 007 and 12:30, numbers to YAML 1.1, are text."""


def _whole(_: yaml.SafeLoader, node: yaml.ScalarNode) -> int | str:
    text = str(node.value)
    return int(text.replace("_", "")) if WHOLE.fullmatch(text) else text


def _decimal(_: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal | str:
    text = str(node.value)
    if ":" in text:
        return text
    return Decimal(SPECIAL.get(text.lower(), text.replace("_", "")))


def _text(_: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
    return str(node.value)


AsWritten.add_constructor(f"{TAG}int", _whole)
AsWritten.add_constructor(f"{TAG}float", _decimal)
AsWritten.add_constructor(f"{TAG}timestamp", _text)


def as_text(value: object) -> str:
    """A scalar as PostgreSQL writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
