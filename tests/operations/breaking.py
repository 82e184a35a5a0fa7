"""One thing goes wrong at a box's source."""

from __future__ import annotations

from collections.abc import Callable
from inspect import isawaitable
from typing import Any, TypeVar

T = TypeVar("T")


async def break_it(source: T, wrong: Callable[[T], Any]) -> None:
    """Do that one thing, whether it takes a moment or a question to the database."""
    done = wrong(source)
    if isawaitable(done):
        await done
