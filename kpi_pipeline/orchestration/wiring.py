"""The assembled pipeline, made at first use and kept while the process lives."""

import os
import threading

from kpi_pipeline.assembly import Assembly, assemble
from kpi_pipeline.config import Settings, read_settings
from kpi_pipeline.embedded.defaults import with_embedded
from kpi_pipeline.model.spec import PipelineSpec


class Wiring:
    """Gives the use cases their parts; definitions load without a database."""

    def __init__(self, spec: PipelineSpec) -> None:
        self.spec = spec
        self._guard = threading.Lock()
        self._assembly: Assembly | None = None

    def settings(self) -> Settings:
        """The settings of this process.

        Raises:
            SettingsError: Lists every setting that cannot be used.
        """
        return read_settings(os.environ)

    def assembly(self) -> Assembly:
        """The parts; a failed try leaves nothing behind, so the next one starts afresh.

        Raises:
            KpiError: A setting or the state database cannot be used.
        """
        with self._guard:
            if self._assembly is None:
                self._assembly = assemble(self.spec, with_embedded(self.settings()))
            return self._assembly

    def close(self) -> None:
        """Close every connection; the next use assembles anew."""
        with self._guard:
            if self._assembly is not None:
                self._assembly.close()
            self._assembly = None
