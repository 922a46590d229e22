"""One folder per declared pipeline."""
