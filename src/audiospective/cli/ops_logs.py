"""`ops logs`: the log of our own."""

from __future__ import annotations

import re
import time
from itertools import islice
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from audiospective.bootstrap import LOG
from audiospective.cli.environment import read_settings
from audiospective.cli.output import HowMany
from audiospective.errors import Invalid
from audiospective.infra import logfile

_LEVELS = ("info", "warning", "error")
_EVERY_S = 0.5


def logs(
    *,
    grep: str = "",
    level: str = "",
    lines: HowMany = 100,
    follow: Annotated[bool, Parameter(negative=())] = False,
    seconds: float = 0.0,
) -> None:
    """Print the newest lines of the log: events of every process, and each request.

    Example: `audiospective ops logs --follow --grep "/api/cron/archive"`

    Parameters
    ----------
    grep
        Only lines in which this regular expression is found.
    level
        Only events of this level or above: info, warning or error. Requests have none.
    lines
        So many at most.
    follow
        Go on with what comes, until Ctrl-C.
    seconds
        With --follow: end after so long.
    """
    if level and level not in _LEVELS:
        raise Invalid(f"“{level[:20]}” is no level; use {', '.join(_LEVELS)}.", field="--level")
    try:
        wanted = re.compile(grep)
    except re.error as error:
        raise Invalid(f"“{grep[:60]}” isn't a regular expression: {error}.", field="--grep") from error
    path = read_settings().home / LOG
    seen = _mark(path)
    fitting = (one for one in logfile.backwards(path) if _fits(one, wanted, level))
    for line in reversed([*islice(fitting, lines)]):
        print(line, flush=True)
    until = time.monotonic() + seconds if seconds else None
    while follow and (until is None or time.monotonic() < until):
        time.sleep(_EVERY_S)
        seen, fresh = _since(path, seen)
        for line in fresh:
            if _fits(line, wanted, level):
                print(line, flush=True)


def _fits(line: str, wanted: re.Pattern[str], level: str) -> bool:
    if level:
        word = line.partition("] ")[2].partition(" ")[0]
        if word not in _LEVELS or _LEVELS.index(word) < _LEVELS.index(level):
            return False
    return wanted.search(line) is not None


def _mark(path: Path) -> tuple[int, int]:
    """Which file it is, and how long."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_ino, found.st_size


def _since(path: Path, before: tuple[int, int]) -> tuple[tuple[int, int], list[str]]:
    """What came since; of a file that was put aside meanwhile the new one from its beginning."""
    node, size = _mark(path)
    begin = before[1] if node == before[0] and size >= before[1] else 0
    if size == begin:
        return (node, size), []
    with path.open("rb") as file:
        file.seek(begin)
        text = file.read(size - begin)
    whole = text.rfind(b"\n") + 1
    return (node, begin + whole), text[:whole].decode("utf-8", "replace").splitlines()
