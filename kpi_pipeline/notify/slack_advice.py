"""What Slack's error codes mean for us: final or not, and what a person does about them."""

from typing import Final

_CREDENTIALS: Final = "Issue a new bot token (or webhook) in the Slack app and set it"
_ACCESS: Final = "Ask the workspace's administrators to allow the app here"
_INVITE: Final = "Check the channel ID and /invite the app into the channel"
_ARCHIVED: Final = "Unarchive the channel, or set another one"
_SCOPE: Final = (
    "Add the scopes chat:write and channels:history (groups:history for a private channel) "
    "to the Slack app and reinstall it"
)
_WEBHOOK: Final = "Create a new incoming webhook in the Slack app and set its URL"
_CONTENT: Final = "Slack refuses this message's form: report it as a bug of kpi_pipeline"

ROOT_GONE: Final = frozenset(
    {
        "cannot_reply_to_message",
        "cant_update_message",
        "edit_window_closed",
        "message_not_found",
        "restricted_action_non_threadable_channel",
        "restricted_action_thread_locked",
        "thread_not_found",
    }
)
"""What is said of a message that people deleted, or that can no longer be changed or answered."""

# From Slack's reference of chat.postMessage, chat.update, conversations.history and .replies, and
# of incoming webhooks.
PERMANENT: Final[dict[str, str]] = {
    **dict.fromkeys(
        (
            "account_inactive",
            "invalid_auth",
            "not_allowed_token_type",
            "not_authed",
            "token_expired",
            "token_revoked",
        ),
        _CREDENTIALS,
    ),
    **dict.fromkeys(
        (
            "access_denied",
            "accesslimited",
            "action_prohibited",
            "ekm_access_denied",
            "enterprise_is_restricted",
            "no_permission",
            "org_login_required",
            "posting_to_general_channel_denied",
            "restricted_action",
            "restricted_action_read_only_channel",
            "restricted_action_thread_only_channel",
            "team_access_not_granted",
            "team_disabled",
            "two_factor_setup_required",
        ),
        _ACCESS,
    ),
    **dict.fromkeys(
        ("channel_not_found", "messages_tab_disabled", "not_in_channel", "user_not_found"),
        _INVITE,
    ),
    **dict.fromkeys(ROOT_GONE, "The alert is posted as a message of its own"),
    **dict.fromkeys(("channel_is_archived", "is_archived"), _ARCHIVED),
    "missing_scope": _SCOPE,
    **dict.fromkeys(
        (
            "invalid_token",
            "no_active_hooks",
            "no_service",
            "no_service_id",
            "no_team",
            "team_not_found",
        ),
        _WEBHOOK,
    ),
    **dict.fromkeys(
        (
            "invalid_arguments",
            "invalid_blocks",
            "invalid_blocks_format",
            "invalid_json",
            "invalid_metadata_format",
            "invalid_payload",
            "metadata_must_be_sent_from_app",
            "metadata_too_large",
            "missing_text_or_fallback_or_attachments",
            "msg_blocks_too_long",
            "msg_too_long",
            "no_text",
        ),
        _CONTENT,
    ),
    **dict.fromkeys(
        ("deprecated_endpoint", "method_deprecated", "unknown_method"),
        "Check SLACK_API_URL, and upgrade slack_sdk",
    ),
}

_BY_STATUS: Final[dict[int, str]] = {
    401: _CREDENTIALS,
    403: _ACCESS,
    404: "Check the webhook URL or SLACK_API_URL: nothing answers there",
    407: "Check the proxy's settings: it wants a login",
    410: _ARCHIVED,
}
# These pass by themselves: a timeout, an early request, too many requests, Slack's own faults.
_PASSING_STATUSES: Final = frozenset({408, 425, 429, *range(500, 600)})
_CLIENT_ERRORS: Final = range(400, 500)


def advice(code: str, status: int) -> str | None:
    """Return what to do about a refusal that trying again cannot help, None if it may pass.

    A code we do not know may pass: an alert tried too often is better than one dropped.
    """
    if status in _PASSING_STATUSES:
        return None
    if code in PERMANENT:
        return PERMANENT[code]
    if status in _CLIENT_ERRORS:
        return _BY_STATUS.get(status, _CONTENT)
    return None
