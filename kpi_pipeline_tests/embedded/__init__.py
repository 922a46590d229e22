"""Tests of the embedded PostgreSQL, the demo shop and Dagster's storage, with the real parts."""
