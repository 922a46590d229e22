"""`python -m kpi_pipeline.cli` is `kpi-pipeline`."""

from kpi_pipeline.cli.main import main

if __name__ == "__main__":
    main()
