"""What `kpi-pipeline test` is made of: a scratch database, a table, a clock, a run, a report."""
