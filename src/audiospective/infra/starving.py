"""An error for want of memory, in one line.

A whole traceback reads the source of every frame again, and so do the tracker's events: a process without memory fails at that too, over
and over, for minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import FrameType


def want_of_memory(error: BaseException | None) -> MemoryError | None:
    """The lack of memory that this error is, came of, or has in its group; None for every other error."""
    return next((one for one in _chain(error) if isinstance(one, MemoryError)), None)


def line(error: BaseException) -> str:
    """Its kind, and where: file and line of its last frame. No file is opened for it."""
    found = last_frame(error)
    where = f" at {found[0].f_code.co_filename}:{found[1]}" if found else ""
    return f"{type(error).__name__}{where}"


def last_frame(error: BaseException) -> tuple[FrameType, int] | None:
    """The innermost frame and its line; None for an error that was never raised."""
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    return (step.tb_frame, step.tb_lineno) if step else None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__, *(one.exceptions if isinstance(one, BaseExceptionGroup) else ())]
