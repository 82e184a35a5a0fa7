"""`ops logs` and `ops dashboards`: the log of our own, and one page with all figures."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from audiospective.bootstrap import LOG, Parts
from audiospective.cli.environment import read_settings
from audiospective.cli.output import AsJson, answer
from audiospective.cli.session import with_parts
from audiospective.errors import Invalid
from audiospective.infra import logfile
from audiospective.operations import faults, machine, measures, standing

_LEVELS = ("info", "warning", "error")
_EVERY_S = 0.5


def logs(
    *,
    grep: str = "",
    level: str = "",
    lines: int = 100,
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
    for line in [one for one in logfile.tail(path, most=100_000) if _fits(one, wanted, level)][-lines:]:
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


def dashboards(*, as_json: AsJson = False) -> None:
    """Print the figures of all dashboards: requests, errors, database, machine, collecting; and where their pages are.

    Example: `audiospective ops dashboards`
    """

    async def work(parts: Parts) -> dict[str, str]:
        now, url = parts.clock.now(), parts.settings.app_url
        async with parts.db.reading() as conn:
            found, people = await standing.now_of(conn, now), await standing.collecting(conn, now)
            kinds = await faults.kinds(conn, now - measures.MINUTES_KEPT)
            size = await machine.size(conn)
        share = "nobody asked" if found.failure_share is None else f"{found.failure_share:.2%} of {found.requests:,} failed"
        slow = "–" if found.p95_ms is None else f"{found.p95_ms:,.0f} ms"
        busy = "–" if found.cpu_ratio is None else f"{found.cpu_ratio:.0%}"
        return {
            "requests": f"{share}, p95 {slow}",
            "errors": f"{found.errors} in 15 minutes, {len(kinds)} kinds in a day",
            "database": f"{size.database_bytes / 1e6:,.1f} MB, {size.connections} connections",
            "machine": f"{busy} busy, {found.looks} of 15 minutes looked at",
            "collecting": f"{people.connected} connected, {people.late} late, {people.ended} ended, {people.workers} workers",
            "pages": " ".join(f"{url}{path}" for path in ("/ops", "/ops/watch", "/ops/incidents", "/ops/ledger", "/status", "/metrics")),
        }

    answer(with_parts(work), as_json=as_json, text=lambda told: "\n".join(f"{name:<11} {said}" for name, said in told.items()))
