"""Errors that a person can act on; each message says what to do next."""


class KpiError(Exception):
    """Anything this package reports to a person instead of a traceback."""


class SpecError(KpiError):
    """A declaration is wrong.

    Attributes:
        path: Keys from the top of the declaration to the fault, such as
            `("metrics", "total_revenue", "agg")`.
    """

    def __init__(self, message: str, *, path: tuple[str, ...] = ()) -> None:
        super().__init__(f"{'.'.join(path)}: {message}" if path else message)
        self.path = path


class SourceError(KpiError):
    """The source database cannot give what the declaration asks of it."""


class MetricError(SourceError):
    """The source cannot compute one metric's expression or filter.

    Attributes:
        metric: Its name.
    """

    def __init__(self, message: str, metric: str) -> None:
        super().__init__(message)
        self.metric = metric


class RefillError(MetricError):
    """The history of a new or changed metric cannot be filled; the others are not held up by it."""


class SourceTimeoutError(SourceError):
    """The source took too long over one statement; asking for less may help."""


class StateError(KpiError):
    """The state database cannot be read or written."""


class StateConflictError(StateError):
    """Somebody else committed between our read and our write; read again and retry."""


class RangeError(KpiError):
    """More was asked for than there is, or than is given at once; the message says how much is."""


class CursorError(KpiError):
    """The text is not a moment in time."""


class DeliveryError(KpiError):
    """A channel did not take a notice.

    Attributes:
        permanent: Trying again cannot help (a revoked token, an unknown channel).
        retry_after: Seconds that the channel asked us to wait, if it did.
    """

    def __init__(
        self, message: str, *, permanent: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after


class NoChannelError(KpiError, KeyError):
    """There is no channel of that name, or its settings cannot work; says which, and what to do."""

    def __str__(self) -> str:
        return str(self.args[0])  # a KeyError alone would put it into quotation marks


def first_line(error: object) -> str:
    """What a database said, without what drivers and toolkits wrap around it."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
