"""`kpi-pipeline schema`: the vocabulary of `defs.yaml`, for editors."""

from pathlib import Path

import click
from rich.console import Console

from kpi_pipeline.model.declaration.schema.document import SHIPPED, schema_text
from kpi_pipeline.model.errors import KpiError


@click.command("schema")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write it there.")
def schema_command(output: Path | None) -> None:
    """Print the JSON Schema of defs.yaml, which editors complete and check by.

    In an editor with a YAML language server, begin the file with the line
    `# yaml-language-server: $schema=PATH`, where PATH is that of the schema.
    """
    if output is None:
        click.echo(schema_text(), nl=False)
        return
    try:
        output.write_text(schema_text(), encoding="utf-8")
    except OSError as error:
        raise KpiError(f"{output}: cannot be written: {error.strerror}") from None
    console = Console()
    console.print(f"{output}: written; the same is shipped as {SHIPPED}", soft_wrap=True)
