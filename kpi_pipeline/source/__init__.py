"""Data layer: finds changed buckets and aggregates them in the source database."""
