"""Errors to a tracker that speaks Sentry's protocol, if one is set up; without anything that tells who it happened to."""

from __future__ import annotations

from typing import Any

import sentry_sdk

#: Of a request only these parts leave; never cookies, headers, bodies, queries or addresses.
_KEPT = frozenset({"method"})


def start(dsn: str, *, environment: str, release: str) -> None:
    """From now on `note` sends; with an empty DSN it stays silent."""
    if dsn:
        sentry_sdk.init(
            dsn=dsn,
            environment=environment,
            release=release,
            send_default_pii=False,
            max_request_body_size="never",
            include_local_variables=False,
            default_integrations=False,
            before_send=_scrubbed,
        )


def note(error: BaseException, *, where: str) -> None:
    """Tell the tracker, in the background."""
    with sentry_sdk.new_scope() as scope:
        scope.set_tag("where", where)
        sentry_sdk.capture_exception(error)


def flush(seconds: float = 2.0) -> None:
    """Wait for what is under way; at the end of a process."""
    sentry_sdk.flush(seconds)


def _scrubbed(event: Any, hint: Any) -> Any:  # noqa: ARG001 (Sentry's own shape)
    event.pop("user", None)
    event.pop("server_name", None)
    if "request" in event:
        event["request"] = {name: value for name, value in event["request"].items() if name in _KEPT}
    return event
