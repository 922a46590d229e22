"""Rim: the kpi-pipeline command."""
