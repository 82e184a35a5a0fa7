"""`ops deps-audit`, `ops db`, `ops services`: a part of what the chapters look at, asked for by itself."""

from __future__ import annotations

from typing import Annotated, Final, TypedDict

import msgspec
from cyclopts import App, Parameter

from audiospective.bootstrap import Parts
from audiospective.cli.acting import acting
from audiospective.cli.endings import Exit, say
from audiospective.cli.ops import At, Which, run_boxes
from audiospective.cli.output import AsJson, answer
from audiospective.cli.session import with_parts
from audiospective.errors import Invalid, Unavailable
from audiospective.infra.database import fetch_one
from audiospective.operations import audits, holes, launch
from audiospective.operations.audits import Statement
from audiospective.operations.boxes import Box, boxes
from audiospective.operations.judge import Status, Verdict
from audiospective.operations.measure import Profile
from audiospective.operations.probes import database
from audiospective.operations.providers.osv import Advisory

db = App(name="db", help="The database: check, size, count, slow; nothing is changed.")
services = App(name="services", help="The services that we lean on: check.")

#: Boxes of each service.
SERVICES: Final = {
    "spotify": ("R021", "R022", "R023"),
    "redis": ("R024",),
    "qstash": ("R025", "R026"),
    "sentry": ("R027", "R028"),
    "uptime": ("R123", "R124"),
    "slack": ("R005",),
    "heartbeat": ("R150", "R151"),
}


class AuditAnswer(msgspec.Struct, frozen=True):
    """How many packages were asked about, and the advisories that stand against them."""

    packages: int
    bad: int
    advisories: list[Advisory]


class SizeAnswer(TypedDict):
    """The database's size, the share of the quota, and clients of the server."""

    megabytes: float
    ratio: float
    connections: int


def deps_audit(*, as_json: AsJson = False) -> int:
    """Hold every installed package against the advisories that OSV knows; the report goes into the ledger.

    One that is high or critical, or doesn't say how bad it is, opens an incident; then it ends with 1, and with 3 when OSV can't be asked.

    Example: `audiospective ops deps-audit`
    """

    async def work(parts: Parts) -> AuditAnswer:
        found = await holes.audit(parts.db, parts.spotify.http, parts.settings.outside.osv_url, parts.clock, by=acting())
        await _settle(parts, [box for box in boxes() if box.reading == "dependencies.bad"])
        return AuditAnswer(found.packages, sum(one.is_bad for one in found.advisories), found.advisories)

    found = with_parts(work)
    answer(found, as_json=as_json, text=_audited)
    return Exit.NO if found.bad else Exit.DONE


@services.command(name="check")
def check_services(service: str = "", /, *, profile: Which = Profile.SELF_HOSTED, url: At = "", as_json: AsJson = False) -> int:
    """Look at the services that we lean on, or at one of them.

    Example: `audiospective ops services check spotify`

    Parameters
    ----------
    service
        spotify, redis, qstash, sentry, uptime, slack or heartbeat; all unless named.
    profile
        self-hosted or cloud.
    url
        Where the instance answers; APP_URL unless named.
    """
    if service and service not in SERVICES:
        raise Invalid(f"“{service[:20]}” is no service; use {', '.join(SERVICES)}.", field="SERVICE")
    wanted = [box for name, ids in SERVICES.items() if service in {"", name} for box in boxes() if box.id in ids]
    return run_boxes(wanted, profile, url, as_json)


@db.command
def check(*, profile: Which = Profile.SELF_HOSTED, url: At = "", as_json: AsJson = False) -> int:
    """Look at the database: reached, migrated, its indexes, its size, its connections.

    Example: `audiospective ops db check`

    Parameters
    ----------
    profile
        self-hosted or cloud.
    url
        Where the instance answers; APP_URL unless named.
    """
    return run_boxes([box for box in boxes() if box.reading.startswith("database.")], profile, url, as_json)


@db.command
def size(*, as_json: AsJson = False) -> None:
    """Print the database's size and connections.

    Example: `audiospective ops db size`
    """

    async def work(parts: Parts) -> SizeAnswer:
        found = await database.look(parts.db, parts.clock, quota_bytes=parts.settings.database_quota_bytes)
        if trouble := found["database.size_mb"].problem:
            raise Unavailable(trouble)
        values = [float(found[f"database.{name}"].value or 0) for name in ("size_mb", "storage_ratio", "connections")]
        return SizeAnswer(megabytes=values[0], ratio=values[1], connections=int(values[2]))

    answer(
        with_parts(work),
        as_json=as_json,
        text=lambda told: f"{told['megabytes']:,.1f} MB, {told['ratio']:.1%} of the quota, {told['connections']} connections.",
    )


@db.command
def count(*, as_json: AsJson = False) -> None:
    """Print how many plays are stored, as the runbook's own query counts them.

    Example: `audiospective ops db count`
    """

    async def work(parts: Parts) -> dict[str, int]:
        async with parts.db.reading() as conn:
            return {"plays": await fetch_one(conn, 'SELECT count(*)::int FROM "PlayEvent"', int) or 0}

    answer(with_parts(work), as_json=as_json, text=lambda told: f"{told['plays']:,}")


@db.command
def slow(
    *,
    most: Annotated[int, Parameter(name="--most")] = 10,
    plans: Annotated[bool, Parameter(negative=())] = False,
    as_json: AsJson = False,
) -> int:
    """Print the statements on which the database spends most, and settle the monthly box by what questions took: 1 when that was too long.

    Example: `audiospective ops db slow --plans`

    Parameters
    ----------
    most
        How many.
    plans
        Show how the server goes about each, too.
    """
    if not 1 <= most <= 100:
        raise Invalid("--most is 1 to 100.", field="--most")

    async def work(parts: Parts) -> tuple[Status, list[Statement]]:
        (verdict,) = await _settle(parts, [box for box in boxes() if box.reading == "queries.month_p95_ms"])
        say(f"{verdict.box}: {verdict.status}, {verdict.reason}")
        async with parts.db.transaction() as conn:
            return verdict.status, await audits.slowest(conn, most)

    status, found = with_parts(work)
    answer(found, as_json=as_json, text=lambda rows: "\n".join(_statement(one, with_plan=plans) for one in rows))
    return {Status.FAIL: Exit.NO, Status.UNKNOWN: Exit.UNREACHABLE}.get(status, Exit.DONE)


async def _settle(parts: Parts, wanted: list[Box]) -> list[Verdict]:
    async with parts.db.transaction() as conn:
        found = await audits.look(conn, parts.clock.now())
        return await launch.record(conn, wanted, found, actor=acting(), now=parts.clock.now())


def _audited(found: AuditAnswer) -> str:
    lines = [f"{one.severity:<9} {one.package} {one.version}  {one.id}  {one.summary}" for one in found.advisories]
    return "\n".join([*lines, f"{found.packages} packages, {len(found.advisories)} advisories, {found.bad} that can't wait."])


def _statement(one: Statement, *, with_plan: bool) -> str:
    head = f"{one.total_ms:>12,.1f} ms in all  {one.mean_ms:>9,.2f} ms each  {one.calls:>9,}×  {one.text}"
    return "\n".join([head, *(f"{'':>14}{line}" for line in one.plan * with_plan)])
