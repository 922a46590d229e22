"""How fast `kpi_pipeline` is, as ratios to what else one could do. Run: `python -m benchmarks`."""
