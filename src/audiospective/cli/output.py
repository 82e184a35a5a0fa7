"""How a command answers: on stdout, as one JSON document or as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar

from cyclopts import Parameter
from cyclopts.validators import Number

T = TypeVar("T")

#: The parameter of a command that can answer a program: `as_json: AsJson = False`.
AsJson = Annotated[bool, Parameter(name="--json", negative="", help="Print one JSON document on stdout and nothing else there.")]

#: How many, or how far back: `last: HowMany = 50`. Less than none would answer "nothing there" to a slip of the hand.
HowMany = Annotated[int, Parameter(validator=Number(gte=0, lte=1_000_000))]


def answer(value: T, *, as_json: bool, text: Callable[[T], str]) -> None:
    """Print an answer on stdout: as one JSON document, or as `text` says it to a person."""
    if as_json:
        import msgspec  # noqa: PLC0415 (help must not wait for it)

        line = msgspec.json.encode(value).decode()
    else:
        line = text(value)
    print(line, flush=True)
