"""From YAML to a checked `PipelineSpec`; every error names its place and the nearest word."""
