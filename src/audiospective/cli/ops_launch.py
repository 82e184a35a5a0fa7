"""`ops launch`, and what a launch needs at hand: the team, whom to call, providers, the window, the traffic, the commands."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TypedDict

from cyclopts import App

from audiospective.bootstrap import Parts
from audiospective.cli.acting import acting
from audiospective.cli.endings import Exit
from audiospective.cli.output import AsJson, answer
from audiospective.cli.session import with_parts
from audiospective.errors import Conflict, Invalid
from audiospective.operations import launches, ledger, paper, team, traffic
from audiospective.operations.launches import Launch
from audiospective.operations.ledger import Entry
from audiospective.operations.support import PROVIDERS
from audiospective.operations.team import Member

app = App(name="launch", help="The record of a launch: open and close it.")


class WindowAnswer(TypedDict):
    """The moment that a launch is meant for, and whether it is now."""

    window: datetime
    now: datetime
    is_open: bool


class TrafficAnswer(TypedDict):
    """Requests by hour of the day over the last seven days; `since` None before the first."""

    hours: dict[int, int]
    since: datetime | None


@app.command
def new(version: str, /, *, commit: str = "", window: str = "", as_json: AsJson = False) -> None:
    """Open the record of a launch; what boxes said before doesn't count for it.

    Example: `audiospective ops launch new 1.0.0 --commit 4f2c91ab --window 2026-12-01T10:00Z`

    Parameters
    ----------
    version
        Of what is launched.
    commit
        Pinned: nothing else may be tagged and deployed.
    window
        The moment; the next Tuesday at 10:00 UTC unless named.
    """
    when = _moment(window)

    async def work(parts: Parts) -> Launch:
        async with parts.db.transaction() as conn:
            return await launches.begin(conn, version, commit=commit, window=when, actor=acting(), now=parts.clock.now())

    opened = with_parts(work)
    answer(opened, as_json=as_json, text=lambda one: f"The launch of {one.version} is open, meant for {one.window:%A %Y-%m-%d %H:%M} UTC.")


@app.command
def close() -> None:
    """End the record of the launch.

    Example: `audiospective ops launch close`
    """

    async def work(parts: Parts) -> Launch:
        async with parts.db.transaction() as conn:
            return await launches.close(conn, actor=acting(), now=parts.clock.now())

    print(f"The launch of {with_parts(work).version} is closed.", flush=True)


def init(role: str = "", /, *, name: str = "", mail: str = "", phone: str = "", zone: str = "UTC", as_json: AsJson = False) -> int:
    """Say who has which role. Without a role it asks for all four; ends with 1 while the team isn't whole.

    Example: `audiospective ops init deployment-lead --name "Mara Quill" --mail mara@example.org --zone Europe/Lisbon`

    Parameters
    ----------
    role
        deployment-lead, monitoring-lead, support-lead or backup-engineer.
    name
        Who.
    mail
        Theirs; it lies sealed.
    phone
        Theirs; it lies sealed.
    zone
        Where they are, as in Europe/Lisbon or UTC-5.
    """
    given = [(role, name, mail, phone, zone)] if role else _asked()

    async def work(parts: Parts) -> list[Member]:
        now = parts.clock.now()
        async with parts.db.transaction() as conn:
            for which, who, letters, call, where in given:
                await team.name(conn, parts.sealer, Member(which, who, letters, call, where, now))
                await ledger.append(conn, [Entry(acting(), "role.named", which, {"name": who, "zone": where})], now)
            return await team.members(conn, parts.sealer)

    found = with_parts(work)
    lacks = team.missing(found)
    answer(found, as_json=as_json, text=lambda all_: "\n".join([*map(_member, all_), *(f"still lacks {one}" for one in lacks)]))
    return Exit.NO if lacks else Exit.DONE


def contacts(*, as_json: AsJson = False) -> int:
    """Show the team with how to reach them; ends with 1 while it isn't whole.

    Example: `audiospective ops contacts`
    """

    async def work(parts: Parts) -> list[Member]:
        async with parts.db.reading() as conn:
            return await team.members(conn, parts.sealer)

    found = with_parts(work)
    answer(found, as_json=as_json, text=lambda all_: "\n".join([*map(_member, all_), *(f"lacks {one}" for one in team.missing(all_))]))
    return Exit.NO if team.missing(found) else Exit.DONE


def escalate(*, as_json: AsJson = False) -> None:
    """Say whom to call when, and how to reach them.

    Example: `audiospective ops escalate`
    """

    async def work(parts: Parts) -> list[Member]:
        async with parts.db.reading() as conn:
            return await team.members(conn, parts.sealer)

    people = with_parts(work)
    steps = [f"{when}: {who}" for when, who in team.ESCALATION]
    answer({"steps": steps, "team": people}, as_json=as_json, text=lambda _: "\n".join([*steps, "", *map(_member, people)]))


def providers(*, as_json: AsJson = False) -> None:
    """Show whom to ask when a provider is at fault.

    Example: `audiospective ops providers`
    """
    answer(PROVIDERS, as_json=as_json, text=lambda all_: "\n".join(f"{p.name:<12}{p.mail:<28}{p.where:<46}{p.answers}" for p in all_))


def window(*, as_json: AsJson = False) -> int:
    """Say when the launch is meant to be, and whether that is now; ends with 5 when it isn't.

    Example: `audiospective ops window`
    """

    async def work(parts: Parts) -> WindowAnswer:
        now = parts.clock.now()
        async with parts.db.reading() as conn:
            found = await launches.current(conn)
        meant = found.window if found and found.closed_at is None else launches.next_window(now)
        return {"window": meant, "now": now, "is_open": launches.is_within(now, meant)}

    found = with_parts(work)
    said = "It is now" if found["is_open"] else f"It is {found['now']:%A %Y-%m-%d %H:%M} UTC now"
    answer(found, as_json=as_json, text=lambda one: f"Launches are meant for {one['window']:%A %Y-%m-%d %H:%M} UTC. {said}.")
    return Exit.DONE if found["is_open"] else Exit.REFUSED


def traffic_by_hour(*, as_json: AsJson = False) -> int:
    """Show how many requests come at which hour of the day; ends with 3 while less than seven days are counted.

    Example: `audiospective ops traffic`
    """

    async def work(parts: Parts) -> tuple[TrafficAnswer, str]:
        now = parts.clock.now()
        async with parts.db.reading() as conn:
            hours, since = await traffic.by_hour(conn, now)
            problem = (await traffic.look(conn, now, now))["traffic.is_quiet"].problem
        return TrafficAnswer(hours=hours, since=since), problem

    found, problem = with_parts(work)
    most = max(found["hours"].values()) or 1
    bars = [f"{hour:02}:00  {'█' * round(30 * count / most)} {count:,}" for hour, count in found["hours"].items()]
    answer(found, as_json=as_json, text=lambda _: "\n".join([*bars, *([problem] if problem else [])]))
    return Exit.UNREACHABLE if problem else Exit.DONE


def quickref(*, as_json: AsJson = False) -> None:
    """Show what does here what the runbook's quick reference does.

    Example: `audiospective ops quickref`
    """
    rows = [{"what": what, "runbook": theirs, "here": ours} for what, theirs, ours in paper.QUICK]
    answer(rows, as_json=as_json, text=lambda all_: "\n".join(f"{one['what']:<22}{one['runbook']:<44}{one['here']}" for one in all_))


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid(f"“{text[:40]}” is no moment; write it as in 2026-12-01T10:00Z.", field="--window") from error


def _asked() -> list[tuple[str, str, str, str, str]]:
    """Role after role, from whoever sits at the terminal."""
    if not sys.stdin.isatty():
        raise Conflict("Nobody can be asked here: name a role, as in ops init deployment-lead --name NAME --mail MAIL.")
    asked = []
    for role, duty in team.DUTIES.items():
        print(f"{role}: {duty}", file=sys.stderr)
        asked.append((role, input("  name: "), input("  mail: "), input("  phone: "), input("  time zone: ") or "UTC"))
    return asked


def _member(one: Member) -> str:
    return f"{one.role:<17}{one.name:<24}{one.mail or '–':<30}{one.phone or '–':<20}{one.zone}"
