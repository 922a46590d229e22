"""Identifiers and expressions on their way into SQL text.

Names come from a checked declaration without quotes in them; expressions from sqlglot's own
rendering. What is left to do is to quote, and to keep a colon in a literal from looking like a
bind parameter to SQLAlchemy.
"""

DATE_BIN_SINCE = 140000
"""As `server_version_num` writes PostgreSQL 14."""


def quoted(name: str) -> str:
    """A quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def quoted_table(name: str) -> str:
    """A quoted table name, with its schema if it has one."""
    return ".".join(quoted(part) for part in name.split("."))


def inline(sql: str) -> str:
    """SQL text that holds no bind parameters, for use inside SQLAlchemy's `text`."""
    return sql.replace(":", "\\:")  # it takes one backslash before a colon away, and no other


def minute_of(column: str, version: int) -> str:
    """The minute bucket of a column; `date_bin` came with PostgreSQL 14 and is faster."""
    if version >= DATE_BIN_SINCE:
        return f"date_bin('1 minute', {column}, TIMESTAMPTZ 'epoch')"
    return f"date_trunc('minute', {column})"
