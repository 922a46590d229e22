"""Rim: the only room that imports dagster."""
