"""`ops incident` and `ops status`: what goes wrong, what is said of it, and what people see."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Annotated, TypedDict

from cyclopts import App, Parameter

from audiospective.bootstrap import Parts
from audiospective.cli.acting import acting
from audiospective.cli.endings import Exit
from audiospective.cli.output import AsJson, answer
from audiospective.cli.session import with_parts
from audiospective.infra.database import Connection
from audiospective.operations import incidents, ledger, recovery, uptime
from audiospective.operations.health import Observer
from audiospective.operations.incidents import Action, Incident, Stage
from audiospective.operations.ledger import Entry

app = App(name="incident", help="Open, tell, resolve, and learn from it.")
for _name in ("ack", "assess", "done", "evidence"):
    app.command(f"audiospective.cli.ops_incident_work:{_name}", name=_name)

Work = Callable[[Connection, str, datetime], Awaitable[int]]
Say = Annotated[str, Parameter(name="--say")]


class IncidentAnswer(TypedDict):
    """An incident; `overdue` says what should have happened by now."""

    id: int
    severity: int
    title: str
    opened_at: datetime
    resolved_at: datetime | None
    updates: list[str]
    overdue: list[str]


@app.command(name="open")
def begin(*, severity: int, title: str, say: Say, as_json: AsJson = False) -> None:
    """Open an incident: it stands on /status from now on.

    Example: `audiospective ops incident open --severity 2 --title "Exports fail" --say "We are looking into it."`

    Parameters
    ----------
    severity
        1 outage for all, 2 a major part, 3 some people, 4 a blemish.
    title
        What people see, in a few words.
    say
        The first sentence for people.
    """

    async def work(conn: Connection, actor: str, now: datetime) -> int:
        return await incidents.begin(conn, severity=severity, title=title, said=say, actor=actor, now=now)

    number = _done(work)
    answer(
        {"id": number}, as_json=as_json, text=lambda _: f"Incident {number} is open. Tell people how it goes: ops incident update {number}"
    )


@app.command
def update(incident: int, /, *, say: Say, stage: Stage = Stage.INVESTIGATING) -> None:
    """Say how it goes; `--stage note` is for operators alone.

    Example: `audiospective ops incident update 3 --stage identified --say "A full disk; we make room."`

    Parameters
    ----------
    incident
        Its number.
    say
        A sentence.
    stage
        investigating, identified, monitoring or note.
    """

    async def work(conn: Connection, actor: str, now: datetime) -> int:
        await incidents.tell(conn, incident, stage=stage, said=say, actor=actor, now=now)
        return incident

    print(f"Said of incident {_changed('incident.told', work)}.", flush=True)


@app.command
def resolve(incident: int, /, *, say: Say) -> None:
    """It is over.

    Example: `audiospective ops incident resolve 3 --say "Exports work again."`

    Parameters
    ----------
    incident
        Its number.
    say
        The last sentence for people.
    """

    async def work(conn: Connection, actor: str, now: datetime) -> int:
        await incidents.resolve(conn, incident, said=say, actor=actor, now=now)
        return incident

    print(f"Incident {_changed('incident.resolved', work)} is resolved. A post-mortem is due within 24 hours.", flush=True)


@app.command
def act(incident: int, /, *, say: Say, owner: str, due: date, kind: Annotated[str, Parameter(name="--for")] = "") -> None:
    """Promise something, so that it doesn't happen again.

    Example: `audiospective ops incident act 3 --say "A test of a full disk" --owner "Mara Quill" --due 2026-12-01 --for test`

    Parameters
    ----------
    incident
        Its number.
    say
        What.
    owner
        Who.
    due
        Until when.
    kind
        Which of the runbook's promises it is, if one: test, checklist, parity or training.
    """

    async def work(conn: Connection, actor: str, now: datetime) -> int:
        action = Action(say, owner, due)
        await recovery.promise(conn, incident, kind, action=action, actor=actor, now=now)
        return incident

    print(f"Promised for incident {_changed('incident.action', work)}.", flush=True)


@app.command
def postmortem(incident: int, /, *, summary: str = "", cause: str = "") -> None:
    """Print the report as Markdown; it isn't while something of it is blank.

    Example: `audiospective ops incident postmortem 3 --summary "…" --cause "…" > postmortem.md`

    Parameters
    ----------
    incident
        Its number.
    summary
        What happened, in a paragraph.
    cause
        Why.
    """

    async def work(parts: Parts) -> str:
        async with parts.db.reading() as conn:
            found = await incidents.find(conn, incident)
            said = (await incidents.history(conn, [found]))[incident]
            report = incidents.postmortem(found, said, await incidents.actions(conn, incident), cause=cause, summary=summary)
        async with parts.db.transaction() as conn:
            learnt = Entry(acting(), incidents.LEARNT, f"incident {incident}", {"cause": cause.strip(), "summary": summary.strip()})
            await ledger.append(conn, [learnt], parts.clock.now())
        return report

    print(with_parts(work), flush=True)


@app.command(name="list")
def list_incidents(*, as_json: AsJson = False) -> int:
    """List open incidents and those of the last ninety days; ends with 1 when something of an open one is overdue.

    Example: `audiospective ops incident list`
    """

    async def work(parts: Parts) -> list[IncidentAnswer]:
        now = parts.clock.now()
        async with parts.db.reading() as conn:
            found = await incidents.listed(conn, now)
            said = await incidents.history(conn, found)
        return [_answer(one, said[one.id], now) for one in found]

    rows = with_parts(work)
    answer(rows, as_json=as_json, text=lambda found: "\n".join(map(_line, found)) or "No incidents.")
    return Exit.NO if any(row["overdue"] for row in rows) else Exit.DONE


def status(*, as_json: AsJson = False) -> int:
    """Say what /status shows: the services now, and how often they were well.

    Example: `audiospective ops status`
    """

    async def work(parts: Parts) -> dict[str, str]:
        seen = await Observer(parts.db, parts.spotify, parts.clock, parts.store).health()
        async with parts.db.reading() as conn:
            share = uptime.uptime(await uptime.days(conn, parts.clock.now()))
            still = [one for one in await incidents.listed(conn, parts.clock.now()) if one.resolved_at is None]
        told = {name: one.state.value for name, one in seen.services.items()}
        return told | {"uptime": "–" if share is None else f"{share} %", "open_incidents": str(len(still)), "status": seen.state.value}

    found = with_parts(work)
    answer(found, as_json=as_json, text=lambda one: "\n".join(f"{name:<15} {said}" for name, said in one.items()))
    return Exit.DONE if found["status"] == "healthy" else Exit.NO


def _changed(event: str, work: Work) -> int:
    """Do it and write it into the ledger, together or not at all; the incident's number."""

    async def both(conn: Connection, actor: str, now: datetime) -> int:
        number = await work(conn, actor, now)
        await ledger.append(conn, [Entry(actor, event, f"incident {number}", {})], now)
        return number

    return _done(both)


def _done(work: Work) -> int:
    async def run(parts: Parts) -> int:
        async with parts.db.transaction() as conn:
            return await work(conn, acting(), parts.clock.now())

    return with_parts(run)


def _answer(one: Incident, said: list[incidents.Update], now: datetime) -> IncidentAnswer:
    return IncidentAnswer(
        id=one.id,
        severity=one.severity,
        title=one.title,
        opened_at=one.opened_at,
        resolved_at=one.resolved_at,
        updates=[f"{update.at:%Y-%m-%d %H:%M} {update.stage}: {update.said}" for update in said],
        overdue=incidents.overdue(one, said, now),
    )


def _line(row: IncidentAnswer) -> str:
    state = f"resolved {row['resolved_at']:%Y-%m-%d %H:%M}" if row["resolved_at"] else "OPEN"
    head = f"{row['id']:>4}  SEV-{row['severity']}  {row['opened_at']:%Y-%m-%d %H:%M}  {state}  {row['title']}"
    return "\n".join([head, *(f"      ! {one}" for one in row["overdue"])])
