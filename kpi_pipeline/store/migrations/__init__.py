"""Alembic migrations of the state database, applied at start."""
