"""A logger for slack_sdk that says nothing, because it would say the webhook's URL."""

import logging


def quiet_logger() -> logging.Logger:
    """Return a logger of its own that no configuration of the process can make speak.

    slack_sdk logs URLs at DEBUG, and exceptions that hold URLs or tokens at ERROR. All that
    goes wrong reaches people as a `DeliveryError`. The logger is not registered: raising the
    level of `slack_sdk` or of the root does not reach it.
    """
    return logging.Logger(  # noqa: LOG001 - a registered logger could be made to speak
        "kpi_pipeline.slack_sdk", level=logging.CRITICAL + 1
    )
