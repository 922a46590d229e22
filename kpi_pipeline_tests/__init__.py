"""Tests of kpi_pipeline, from single functions to whole processes."""
