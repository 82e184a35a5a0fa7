"""How every command speaks: answers on stdout, everything else on stderr, and four exit codes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import IntEnum
from typing import Annotated, TypeVar

from cyclopts import Parameter

from audiospective.errors import AudiospectiveError, Conflict, RateLimited, Unavailable

T = TypeVar("T")

#: The parameter of a command that can answer a program: `as_json: AsJson = False`.
AsJson = Annotated[bool, Parameter(name="--json", negative="", help="Print one JSON document on stdout and nothing else there.")]


class Exit(IntEnum):
    """What a command's end tells a script."""

    DONE = 0
    NO = 1
    """The answer is no: a check failed, or the thing has changed meanwhile."""
    USAGE = 2
    """Wrong usage or bad input; the message says which argument, and what would be right."""
    UNREACHABLE = 3
    """A service that is needed can't be reached."""


def exit_code(error: AudiospectiveError) -> Exit:
    """The exit code of an error, as drawn in errors.py."""
    if isinstance(error, Unavailable):
        return Exit.UNREACHABLE
    return Exit.NO if isinstance(error, Conflict | RateLimited) else Exit.USAGE


def answer(value: T, *, as_json: bool, text: Callable[[T], str]) -> None:
    """Print an answer on stdout: as one JSON document, or as `text` says it to a person."""
    if as_json:
        import msgspec  # noqa: PLC0415 (help must not wait for it)

        line = msgspec.json.encode(value).decode()
    else:
        line = text(value)
    print(line, flush=True)


def say(sentence: str) -> None:
    """Tell the person at the terminal what happens; never on stdout."""
    print(sentence, file=sys.stderr, flush=True)
