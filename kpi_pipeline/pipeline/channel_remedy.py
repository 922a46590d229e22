"""Which settings a channel wants that goes to the log without them."""

_BY_KIND = {
    "slack": "SLACK_BOT_TOKEN and SLACK_CHANNEL, or SLACK_WEBHOOK_URL",
    "pagerduty": "PAGERDUTY_ROUTING_KEY{suffix}",
    "email": "SMTP_URL and SMTP_FROM",
    "webhook": "WEBHOOK_URL{suffix}, and WEBHOOK_SECRET{suffix} for a signature",
    "apprise": "APPRISE_URLS{suffix}",
}


def channel_remedy(name: str) -> str:
    """What sets a channel up.

    >>> channel_remedy("pagerduty:payments")
    'Set PAGERDUTY_ROUTING_KEY_PAYMENTS.'
    """
    kind, _, target = name.partition(":")
    suffix = f"_{target.upper()}" if target else ""
    if kind == "slack" and target:
        return "Set SLACK_BOT_TOKEN."  # the channel is named already
    if kind == "email" and not target:
        return "Set SMTP_URL, SMTP_FROM and EMAIL_TO."
    return f"Set {_BY_KIND[kind].format(suffix=suffix)}."
