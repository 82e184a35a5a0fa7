"""What has to be looked over each month: packages with known holes, and questions to the database that take long."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from importlib.metadata import distributions
from typing import Final

from audiospective.errors import Unavailable
from audiospective.infra.database import UNREADY, Connection, execute, fetch_all, planned
from audiospective.infra.statements import statements
from audiospective.operations import ledger, measures
from audiospective.operations.judge import Reading
from audiospective.operations.ledger import Entry, Line
from audiospective.operations.measures import Cell
from audiospective.operations.providers.osv import Advisory, Package

sql = statements(__name__)

AUDITED: Final = "dependencies.audited"
_MONTH: Final = timedelta(days=31)
_LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class Statement:
    """A question that is asked of the database: how often, how long in all and on average in ms, its text without values, and how the
    server goes about it (no line: it can't tell).
    """

    calls: int
    total_ms: float
    mean_ms: float
    rows: int
    text: str
    plan: list[str] = field(default_factory=list)


def installed() -> list[Package]:
    """Every package that this program could load, but itself."""
    read = (one.metadata for one in distributions())
    found = {one["Name"].lower().replace("_", "-"): one["Version"] for one in read}
    return [Package(name, version) for name, version in sorted(found.items()) if name != "audiospective"]


def entry(by: str, packages: Sequence[Package], found: Sequence[Advisory]) -> Entry:
    """What the ledger keeps of an audit: the whole report."""
    bad = sum(one.is_bad for one in found)
    return Entry(by, AUDITED, "dependencies", {"packages": len(packages), "bad": bad, "advisories": [asdict(one) for one in found]})


async def look(conn: Connection, now: datetime) -> dict[str, Reading]:
    """The newest audit's holes that can't wait, and how long questions took in the last month."""
    line = (await ledger.newest(conn, AUDITED)).get("dependencies")
    timed = await fetch_all(conn, sql["questions"], Cell, since=now - _MONTH)
    slow = measures.percentile(timed, 0.95)
    never = Reading(source="ledger", problem="never audited: audiospective ops deps-audit")
    return {
        "dependencies.bad": _audited(line, now) if line else never,
        "queries.month_p95_ms": Reading(slow, "queries", f"{measures.requests(timed):,} in 31 days")
        if slow is not None
        else Reading(source="queries", problem="no question was timed in the last month"),
    }


async def slowest(conn: Connection, count: int = 10) -> list[Statement]:
    """The statements that took most in all, with their plans. Raises Unavailable where the server doesn't count them or doesn't tell us."""
    try:
        async with conn.transaction(force_rollback=True):  # nothing of it stays, and so in no backup either
            await execute(conn, sql["make_readable"])
            await execute(conn, sql["gather"])
            found = await fetch_all(conn, sql["gathered"], Statement, count=count)
            await execute(conn, sql["only_read"])
            return [replace(one, text=_line(one.text), plan=await planned(conn, one.text)) for one in found]
    except UNREADY as error:
        why = str(error).partition("\n")[0]
        raise Unavailable(
            f"The server doesn't tell which statements are slow ({why}). It needs shared_preload_libraries = pg_stat_statements; where we "
            "aren't its superuser, of one: CREATE EXTENSION pg_stat_statements; GRANT pg_read_all_stats TO our role."
        ) from error


def _line(text: str) -> str:
    """Without comments, in one line, and not too long."""
    return " ".join(re.sub(r"--.*", "", text).split())[:_LONGEST]


def _audited(line: Line, now: datetime) -> Reading:
    if now - line.at > _MONTH:
        return Reading(source="osv", problem=f"the newest audit is of {line.at:%Y-%m-%d}: audiospective ops deps-audit")
    told = line.told()
    bad, found = told["bad"], told["advisories"]
    named = ", ".join(f"{one['package']} {one['version']}: {one['id']}" for one in found) if isinstance(found, list) else ""
    return Reading(float(str(bad)), "osv", f"{told['packages']} packages; {named or 'no advisory'}"[:300])
