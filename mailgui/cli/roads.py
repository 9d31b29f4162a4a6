"""Flags that only one of the two roads knows: SMTP, or an e-mail API."""

import argparse

from mailgui.cli.usage import UsageProblem, say

# Left aside, these would send what was not to be sent, or when it was not to be sent.
_SMTP_DECIDES = (
    "stop_after", "drop_after", "step", "hold_for", "hold_until", "deliver_by", "requiretls",
)  # fmt: skip
_SMTP = (
    "drop", "reset_between", "raw", "protocol", "helo", "auth", "user", "channel_binding", "tls",
    "tls_sni", "tls_min", "tls_max", "tls_ciphers", "tls_cert", "tls_key", "tls_no_resume",
    "source", "chunking", "binarymime", "no_extension", "dsn_notify", "dsn_ret", "dsn_envid",
    "dsn_orcpt", "mt_priority", "mail_parameter", "rcpt_parameter", "xclient_name",
    "xclient_addr", "xclient_port", "xclient_proto", "xclient_helo", "xclient_login",
    "xclient_destaddr", "xclient_destport", "xclient", "xclient_before_starttls", "proxy_version",
    "proxy_source", "proxy_dest", "proxy_local", "proxy_raw", "auth_anyway", "starttls_anyway",
    "pipelining_anyway", "extensions_anyway", "bare_lf", "no_dot_stuffing", "end_of_data", "go_on",
    "retry_delay", "retry_cap", "xclient_reverse_name", "ipv4", "ipv6", "tls_chain",
)  # fmt: skip
_API_DECIDES = ("template_id", "send_at", "sandbox_mode")
_API = (
    "base_url", "option", "http2", "client_cert", "client_key", "key_env", "tag", "metadata",
    "var", "track_opens", "track_clicks", "idempotency_key", "attach_url",
)  # fmt: skip
SMTP_ONLY = (*_SMTP_DECIDES, *_SMTP)
API_ONLY = (*_API_DECIDES, *_API)


def check_road(options: argparse.Namespace, *, api: bool) -> None:
    """Say on stderr which flags the road does not know, since they change nothing.

    Raises UsageProblem for one without which something else would happen than was asked for.
    """
    deciding, others = (_SMTP_DECIDES, _SMTP) if api else (_API_DECIDES, _API)
    what = "SMTP" if api else "e-mail APIs"
    if wrong := _given(options, deciding):
        raise UsageProblem(f"{wrong[0]} is for {what}; leave it away.")
    if idle := _given(options, others):
        verb = "is" if len(idle) == 1 else "are"
        say(f"{', '.join(idle)} {verb} for {what}, and left aside.")


def _given(options: argparse.Namespace, names: tuple[str, ...]) -> list[str]:
    return [f"--{name.replace('_', '-')}" for name in names if getattr(options, name, None)]
