"""Answers as clients of Last.fm read them: one value, written as JSON or as XML."""

from __future__ import annotations

import re
from typing import Any, Final, Protocol, TypeAlias
from xml.sax.saxutils import escape, quoteattr

import msgspec

#: As JSON has it. In XML `@attr`, and whatever stands beside `#text`, become attributes; a list is its element again and again.
Told: TypeAlias = dict[str, Any]

#: No letter of XML 1.0.
_UNWRITABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Fault(Protocol):
    """What went wrong, by its number."""

    code: int
    message: str


def as_json(told: Told | Fault) -> bytes:
    """The answer, or `{"error": 9, "message": …}`."""
    return msgspec.json.encode(told if isinstance(told, dict) else {"error": told.code, "message": told.message})


def as_xml(told: Told | Fault) -> bytes:
    """`<lfm status="ok">…</lfm>`, or failed with an error in it."""
    if isinstance(told, dict):
        inside, status = "".join(_element(name, value) for name, value in told.items()), "ok"
    else:
        inside, status = f'<error code="{told.code}">{_text(told.message)}</error>', "failed"
    return f'<?xml version="1.0" encoding="utf-8"?>\n<lfm status="{status}">{inside}</lfm>\n'.encode()


def _element(name: str, value: object) -> str:
    if isinstance(value, list):
        return "".join(_element(name, one) for one in value)
    if not isinstance(value, dict):
        return f"<{name}>{_text(value)}</{name}>"
    if "#text" in value:
        beside = {key: one for key, one in value.items() if key != "#text"}
        return f"<{name}{_attributes(beside)}>{_text(value['#text'])}</{name}>"
    inside = "".join(_element(key, one) for key, one in value.items() if key != "@attr")
    return f"<{name}{_attributes(value.get('@attr', {}))}>{inside}</{name}>"


def _attributes(given: dict[str, object]) -> str:
    return "".join(f" {name}={quoteattr(_UNWRITABLE.sub('', str(value)))}" for name, value in given.items())


def _text(value: object) -> str:
    return escape(_UNWRITABLE.sub("", str(value)))
