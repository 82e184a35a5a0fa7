"""Errors to a tracker that speaks Sentry's protocol: one outside, or, without an address, whatever this process hands them to.

The same code makes both: what leaves has nothing that tells who it happened to.
"""

from __future__ import annotations

import logging
import re
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from audiospective.infra.processes import without
from audiospective.infra.starving import last_frame, want_of_memory

with without("httpcore", "anyio"):  # for HTTP/2, 60 modules; errors leave over HTTP/1.1
    import sentry_sdk
    from sentry_sdk.envelope import Envelope
    from sentry_sdk.integrations.logging import LoggingIntegration
    from sentry_sdk.transport import Transport

#: Of a request only these parts leave; never cookies, headers, bodies, queries or addresses.
_KEPT = frozenset({"method"})
#: What could hold anything that was at hand.
_DROPPED = ("user", "server_name", "logentry", "message", "extra", "breadcrumbs", "modules", "contexts")
#: An address in Sentry's shape for a tracker that is this process.
_INSIDE: Final = "http://inside@localhost/0"
_LONGEST = 300

#: What could name somebody or open something: what is quoted, mail addresses, long numbers, long words of letters and digits.
_PRIVATE = re.compile(r"“[^”]{0,300}”|\"[^\"]{0,300}\"|'[^']{0,300}'|[^\s@]{1,64}@[^\s@]+|https?://\S+|\b\d{4,}\b|\b(?=\w*\d)\w{12,}\b")

Event = Mapping[str, Any]


class _Frame(msgspec.Struct):
    module: str | None = None
    filename: str | None = None
    function: str | None = None
    lineno: int | None = None
    context_line: str | None = None


class _Stack(msgspec.Struct):
    frames: list[_Frame] = []


class _Value(msgspec.Struct):
    type: str | None = None
    value: str | None = None
    stacktrace: _Stack | None = None


class _Values(msgspec.Struct):
    values: list[_Value] = []


class _Told(msgspec.Struct):
    """What is believed of an event that comes from outside."""

    event_id: str = ""
    timestamp: float | str = 0
    environment: str | None = None
    release: str | None = None
    exception: _Values | None = None
    tags: dict[str, str] = {}


class Caught:
    """Errors of this process that nobody has stored yet; of too many the newest are dropped, and counted."""

    def __init__(self, *, most: int = 200) -> None:
        self._waiting: deque[Event] = deque()
        self._most = most
        self.dropped = 0

    def take(self, event: Event) -> None:
        """One more."""
        if len(self._waiting) >= self._most:
            self.dropped += 1
            return
        self._waiting.append(event)

    def taken(self) -> list[Event]:
        """All that wait; they wait no longer."""
        taken = list(self._waiting)
        self._waiting.clear()
        return taken


def start(dsn: str, *, environment: str, release: str, inside: Callable[[Event], None] | None = None) -> None:
    """From now on `note` sends to `dsn`; without one to `inside`; without either it stays silent."""
    if not dsn and inside is None:
        return
    sentry_sdk.init(
        dsn=dsn or _INSIDE,
        environment=environment,
        release=release,
        transport=None if dsn or inside is None else _transport(inside),
        max_request_body_size="never",
        include_local_variables=False,
        in_app_include=["audiospective"],  # installed, it isn't told from a library
        default_integrations=False,
        integrations=[_Logged(level=None, event_level=logging.ERROR)],  # jobs that fail are told of by the queue's own log
        before_send=_scrubbed,
    )


def note(error: BaseException, *, where: str, event_id: str = "") -> None:
    """Tell the tracker, in the background; under that id, if it is one of 32 hexadecimal digits."""
    with sentry_sdk.new_scope() as scope:
        scope.set_tag("where", where)
        if event_id:
            scope.add_event_processor(lambda event, _: {**event, "event_id": event_id})
        starved = want_of_memory(error)
        if starved is None:
            sentry_sdk.capture_exception(error)
        else:
            sentry_sdk.capture_event(_short(starved))


def flush(seconds: float = 2.0) -> None:
    """Wait for what is under way; at the end of a process."""
    sentry_sdk.flush(seconds)


def without_names(text: str) -> str:
    """A message without what could name somebody."""
    return _PRIVATE.sub("…", text)[:_LONGEST]


def events_of(envelope: bytes) -> list[Event]:
    """The errors in an envelope as Sentry's clients send it, scrubbed as our own are; raises ValueError for what isn't one."""
    try:
        found = [item.get_event() for item in Envelope.deserialize(envelope).items]
        told = [msgspec.to_builtins(msgspec.convert(event, _Told, strict=False)) for event in found if event is not None]
    except Exception as error:  # the library has no error of its own for bytes that make no sense
        raise ValueError("this is no envelope") from error
    return [clean for event in told if (clean := _scrubbed(event, None)) is not None]


class _Logged(LoggingIntegration):
    """Errors that libraries log; the library's own way to tell one reads the source of every frame."""

    def _handle_record(self, record: logging.LogRecord) -> None:
        starved = want_of_memory(record.exc_info[1]) if record.exc_info else None
        if starved is None:
            super()._handle_record(record)
        elif record.levelno >= logging.ERROR:
            sentry_sdk.capture_event(_short(starved))


def _short(error: BaseException) -> Any:
    """An event with the last frame alone, and no source in it."""
    value: dict[str, Any] = {"type": type(error).__name__, "value": str(error)}
    if found := last_frame(error):
        frame, at = found
        module, code = frame.f_globals.get("__name__"), frame.f_code
        told = {"module": module, "filename": code.co_filename, "function": code.co_name, "lineno": at}
        value["stacktrace"] = {"frames": [told]}
    return {"level": "error", "exception": {"values": [value]}}


def _transport(inside: Callable[[Event], None]) -> type[Transport]:
    class Inside(Transport):
        """Hands events to this process."""

        def capture_envelope(self, envelope: Envelope) -> None:
            event = envelope.get_event()
            if event is not None:
                inside(event)

    return Inside


def _scrubbed(event: Any, hint: Any) -> Any:  # noqa: ARG001 (Sentry's own shape)
    """What may leave of an event; None for what is no error."""
    values = (event.get("exception") or {}).get("values") or []
    if not values:
        return None
    for name in _DROPPED:
        event.pop(name, None)
    if "request" in event:
        event["request"] = {name: value for name, value in event["request"].items() if name in _KEPT}
    for value in values:
        value["value"] = without_names(str(value.get("value") or ""))
    return event
