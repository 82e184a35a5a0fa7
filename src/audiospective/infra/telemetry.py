"""Logs: past facts with counts, one line each, for a person at a terminal or for a machine.

An event is named `room.fact`; people appear as a keyed hash, and anything called a token or a secret never appears.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from typing import TextIO, TypeAlias, cast

from audiospective.infra.processes import without
from audiospective.infra.starving import line, want_of_memory

with without("rich"):  # for tracebacks in colours, 50 modules; ours are plain
    import structlog
    from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

Log: TypeAlias = FilteringBoundLogger

_PRIVATE = frozenset({"token", "code", "secret", "authorization", "password", "cookie", "verifier"})

#: Numbers and names that only sound private.
_HARMLESS = frozenset({"status_code", "exit_code"})


def configure_logging(*, json: bool, stream: TextIO, file: Callable[[str], None] | None = None) -> None:
    """Send our own events, and warnings of the libraries, to `stream`: JSON or text to read; and a line each to `file`."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        without_private,
    ]
    if file is not None:
        shared.append(_also(file))
    render: list[Processor] = [structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)]
    if json:
        render = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    render.insert(0, without_traceback)
    structlog.configure(
        processors=[*shared, *render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    strip = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=[strip, *render], foreign_pre_chain=shared))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def _also(file: Callable[[str], None]) -> Processor:
    def tell(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        file(plain(event))
        return event

    return tell


def plain(event: Mapping[str, object]) -> str:
    """An event as a line of the log file: time, level, name, what it says, and its fields. Of an error its kind alone."""
    hidden = {"at", "level", "event", "message", "exc_info", "_record", "_from_structlog"}
    fields = " ".join(f"{name}={value}" for name, value in event.items() if name not in hidden)
    words = [f"[{str(event.get('at', ''))[11:19]}]", str(event.get("level", "info")), str(event.get("event", ""))]
    return " ".join(filter(None, [*words, str(event.get("message", "")), fields]))


def get_logger() -> Log:
    """The log: `log.info("room.fact", user=…, count=3)`."""
    return cast(Log, structlog.get_logger())


def without_private(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The event without any field, at any depth, whose name says that it is private."""
    return cast(EventDict, _cleaned(event))


def without_traceback(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The event with one line for an error for want of memory; every other keeps its traceback."""
    told = event.get("exc_info")
    error = told[1] if isinstance(told, tuple) else sys.exception() if told is True else told
    starved = want_of_memory(error) if isinstance(error, BaseException) else None
    if starved is not None:
        del event["exc_info"]
        event["exception"] = line(starved)
    return event


def _cleaned(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _cleaned(inner) for name, inner in value.items() if not _is_private(str(name))}
    if isinstance(value, list):
        return [_cleaned(inner) for inner in value]
    if isinstance(value, tuple):  # which an error with its traceback must stay
        return tuple(_cleaned(inner) for inner in value)
    return value


def _is_private(name: str) -> bool:
    """`token`, `access_token`, `Authorization`, `client-secret`; but not `status_code`."""
    plain = name.lower().replace("-", "_")
    return plain not in _HARMLESS and (plain in _PRIVATE or plain.rpartition("_")[2] in _PRIVATE)
