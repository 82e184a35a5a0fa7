"""`ops ack|ready|trained|sign|waive`: what people answer for by name."""

from __future__ import annotations

import aiohttp

from audiospective.bootstrap import Parts
from audiospective.cli.acting import acting
from audiospective.cli.ops_board import BoxAnswer, board, ended, standings
from audiospective.cli.output import AsJson, answer
from audiospective.cli.session import with_parts
from audiospective.errors import NotAllowed
from audiospective.operations import boxes, launch, presence, team
from audiospective.operations.boxes import Box


def ack(role: str, /, *, by: str = "", as_json: AsJson = False) -> None:
    """Say that you are there, as the runbook's role.

    Example: `audiospective ops ack deployment-lead --by "Mara Quill"`

    Parameters
    ----------
    role
        deployment-lead, monitoring-lead, support-lead or backup-engineer.
    by
        Your name; the account that you are signed in with unless named.
    """
    team.check_role(role)
    _signed(boxes.box(team.ROLES[role]), by, f"{role} is there", as_json)


def sign(box: str, /, *, by: str = "", note: str = "", as_json: AsJson = False) -> None:
    """Answer for a box by name; it is written into the ledger.

    Example: `audiospective ops sign R042 --by "Mara Quill" --note "signed in on both networks"`

    Parameters
    ----------
    box
        Its id, R001 to R219.
    by
        Your name; the account that you are signed in with unless named.
    note
        What was done or seen; needed for everything but sign-offs.
    """
    _signed(boxes.box(box), by, note, as_json)


def ready(role: str, /, *, by: str = "", as_json: AsJson = False) -> int:
    """Say that you are ready; all four roles within five minutes open the launch. Ends with 1 while somebody is missing.

    Example: `audiospective ops ready support-lead --by "Noor Haddad"`

    Parameters
    ----------
    role
        deployment-lead, monitoring-lead, support-lead or backup-engineer.
    by
        Your name; the account that you are signed in with unless named.
    """
    return _promised(role, by, launch.READY, boxes.box("R044"), as_json)


def trained(role: str, /, *, by: str = "", as_json: AsJson = False) -> int:
    """Say that you have done or read the rollback drill; it counts for 90 days. Ends with 1 while somebody is missing.

    Example: `audiospective ops trained backup-engineer --by "Ilse Brandt"`

    Parameters
    ----------
    role
        deployment-lead, monitoring-lead, support-lead or backup-engineer.
    by
        Your name; the account that you are signed in with unless named.
    """
    return _promised(role, by, launch.TRAINED, boxes.box("R211"), as_json)


def waive(box: str, /, *, by: str, reason: str, as_json: AsJson = False) -> None:
    """Let a box pass, as the deployment lead, with a reason; what must be measured can't be.

    Example: `audiospective ops waive R048 --by "Mara Quill" --reason "First launch: nobody is there yet"`

    Parameters
    ----------
    box
        Its id, R001 to R219.
    by
        The deployment lead's name.
    reason
        Why it may pass.
    """
    wanted = boxes.box(box)

    async def work(parts: Parts) -> list[BoxAnswer]:
        async with parts.db.transaction() as conn:
            await launch.waive(conn, wanted, by=by, reason=reason, now=parts.clock.now())
        return await standings(parts, [wanted])

    answer(with_parts(work), as_json=as_json, text=board)


def _promised(role: str, by: str, event: str, box: Box, as_json: bool) -> int:
    async def work(parts: Parts) -> list[BoxAnswer]:
        actor, now = by or acting(), parts.clock.now()
        async with parts.db.transaction() as conn:
            await launch.say_ready(conn, role, by=actor, event=event, now=now)
            await launch.record(conn, [box], await launch.promised(conn, now), actor=actor, now=now)
        return await standings(parts, [box])

    return ended(with_parts(work), as_json)


def _signed(box: Box, by: str, note: str, as_json: bool) -> None:
    async def work(parts: Parts) -> list[BoxAnswer]:
        who, now = by or acting(), parts.clock.now()
        if box.id == team.ROLES["support-lead"]:
            await _refuse_closed(parts)
        async with parts.db.transaction() as conn:
            there = await presence.witnessed(conn, parts.sealer, box.id, who, now)
            said = "; ".join(filter(None, [note, there]))
            await launch.sign(conn, box, by=who, note=said, now=now)
        return await standings(parts, [box])

    answer(with_parts(work), as_json=as_json, text=board)


async def _refuse_closed(parts: Parts) -> None:
    """Raises NotAllowed unless the page on which people find help answers: there is nobody to support where nobody can ask."""
    url = f"{parts.settings.app_url}/help"
    try:
        async with parts.spotify.http.get(url) as response:
            status = str(response.status)
    except (aiohttp.ClientError, TimeoutError) as error:
        status = type(error).__name__
    if status != "200":
        raise NotAllowed(f"{url} is where people ask for help, and it doesn't answer ({status}).")
