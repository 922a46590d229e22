"""What a mail server's refusal means: a greylist passes, an unknown recipient stays unknown."""

import smtplib
import ssl

from kpi_pipeline.model.errors import DeliveryError
from kpi_pipeline.notify.network import said

_PERMANENT = range(500, 600)
# Of a whole server rather than of a message: shutting down, or not now.
_PASSING = frozenset({521})


def classify(where: str, error: Exception) -> DeliveryError:
    """Say what went wrong by the reply's code alone; its text may repeat a login."""
    code = _code(error)
    if code is not None:
        return _refused(where, error, code)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return _final(where, "lacks what the message or the login needs", "Use another server")
    if isinstance(error, ssl.SSLCertVerificationError):
        todo = "Check the host's name; SSL_CERT_FILE names certificates of your own"
        return _final(where, "shows a certificate that is not trusted", todo)
    if isinstance(error, smtplib.SMTPServerDisconnected | TimeoutError | ConnectionResetError):
        return _again(where, f"broke off ({said(error)}); it may or may not have taken the alert")
    return _again(where, f"cannot be reached ({said(error)})")


def _code(error: Exception) -> int | None:
    """The reply's code, of one recipient if it is about recipients."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next((code for code, _ in error.recipients.values()), None)
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else None


def _refused(where: str, error: Exception, code: int) -> DeliveryError:
    step = {
        smtplib.SMTPRecipientsRefused: ("refuses the recipient", "Check the address"),
        smtplib.SMTPSenderRefused: ("refuses the sender", "Check SMTP_FROM"),
        smtplib.SMTPAuthenticationError: ("refuses the login", "Check the login in SMTP_URL"),
        smtplib.SMTPDataError: ("refuses the message", "Ask its administrators why"),
    }
    what, todo = step.get(type(error), ("refuses us", "Ask its administrators why"))
    # Anything that is no 5xx may pass: -1 is a reply that could not be read.
    if code in _PERMANENT and code not in _PASSING:
        return _final(where, f"{what}: {code}", todo)
    return _again(where, f"{what} for now: {code}")


def _final(where: str, what: str, todo: str) -> DeliveryError:
    return DeliveryError(f"{where} {what}. It is not tried again. {todo}.", permanent=True)


def _again(where: str, what: str) -> DeliveryError:
    return DeliveryError(f"{where} {what}. It is tried again.")
