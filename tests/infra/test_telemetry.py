"""Logs: one fact a line, nothing private in it."""

from __future__ import annotations

import io
import json
import linecache
import logging
from collections.abc import Iterator

import pytest
import structlog

from audiospective.infra.telemetry import configure_logging, get_logger


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged as JSON during the test."""
    stream = io.StringIO()
    before = logging.getLogger().handlers[:]
    configure_logging(json=True, stream=stream)
    yield stream
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = before


def test_an_event_is_one_json_object_with_its_fields_and_time(lines: io.StringIO) -> None:
    get_logger().info("sweep.stored", new=3, message="Stored 3 plays")
    said = json.loads(lines.getvalue())
    assert (said["event"], said["level"], said["new"], said["message"]) == ("sweep.stored", "info", 3, "Stored 3 plays")
    assert said["at"].endswith("Z")


@pytest.mark.parametrize("name", ["token", "access_token", "code", "client_secret", "Authorization", "set-cookie", "password"])
def test_private_fields_never_reach_the_log(lines: io.StringIO, name: str) -> None:
    get_logger().info("grant.refreshed", **{name: "hush"}, inner={"headers": [{name: "hush"}]})
    assert "hush" not in lines.getvalue()


def test_a_status_code_is_no_secret(lines: io.StringIO) -> None:
    get_logger().warning("spotify.refused", status_code=503)
    assert json.loads(lines.getvalue())["status_code"] == 503


def test_warnings_of_libraries_come_along_as_json(lines: io.StringIO) -> None:
    logging.getLogger("some.library").warning("it %s", "wobbles")
    logging.getLogger("some.library").info("chatter")
    assert json.loads(lines.getvalue())["event"] == "it wobbles"


def test_an_error_carries_its_traceback(lines: io.StringIO) -> None:
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        get_logger().exception("page.failed")
    assert "ZeroDivisionError" in json.loads(lines.getvalue())["exception"]


def test_so_does_one_that_a_library_tells_of_later(lines: io.StringIO) -> None:
    try:
        _ = 1 / 0
    except ZeroDivisionError as error:
        happened = error
    logging.getLogger("some.library").error("nobody awaited it", exc_info=happened)
    assert "ZeroDivisionError" in json.loads(lines.getvalue())["exception"]


def test_a_terminal_gets_text_to_read() -> None:
    stream = io.StringIO()
    configure_logging(json=False, stream=stream)
    get_logger().info("sweep.stored", new=3)
    structlog.reset_defaults()
    assert "sweep.stored" in stream.getvalue()
    assert "new=3" in stream.getvalue()


def _raise(error: Exception) -> None:
    raise error


def _starved(*, wrapped: bool) -> Exception:
    try:
        _raise(MemoryError())
    except MemoryError as error:
        lacking = error
    if not wrapped:
        return lacking
    try:
        raise RuntimeError("no part of it") from ExceptionGroup("together", [lacking])
    except RuntimeError as error:
        return error


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("says", ["ours", "a library"])
@pytest.mark.parametrize("wrapped", [False, True])
def test_an_error_for_want_of_memory_is_one_line_for_which_no_source_is_read(
    monkeypatch: pytest.MonkeyPatch, *, as_json: bool, says: str, wrapped: bool
) -> None:
    stream, read = io.StringIO(), list[str]()
    before = logging.getLogger().handlers[:]
    configure_logging(json=as_json, stream=stream)
    error = _starved(wrapped=wrapped)

    def noted(file: str, *_: object) -> list[str]:
        read.append(file)
        return []

    linecache.clearcache()
    with monkeypatch.context() as watched:
        watched.setattr(linecache, "updatecache", noted)
        log = get_logger() if says == "ours" else logging.getLogger("a.library")
        log.error("web.failed", exc_info=error)
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = before
    assert f"MemoryError at {__file__}:{_raise.__code__.co_firstlineno + 1}" in stream.getvalue()
    assert (read, "Traceback" in stream.getvalue()) == ([], False)
