"""`users`: who has an archive on this instance."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypedDict

from cyclopts import App, Parameter

from audiospective.accounts import apps, people, tokens
from audiospective.accounts.apps import Seats
from audiospective.accounts.people import Person
from audiospective.archive import history
from audiospective.archive.plays import UserId
from audiospective.bootstrap import Parts
from audiospective.cli.endings import Exit
from audiospective.cli.output import AsJson, answer
from audiospective.cli.session import somebody, with_parts
from audiospective.operations.roles import Role
from audiospective.privacy import erasure
from audiospective.spotify.rules import Stands, foresee

app = App(name="users", help="Accounts on this instance.")


class User(TypedDict):
    """A listener as the command line shows one."""

    name: str
    displayName: str
    spotify: bool
    timeZone: str
    createdAt: datetime
    plays: int


class RuleAnswer(TypedDict):
    """One of Spotify's rules; `stands` is good, warn or bad."""

    name: str
    stands: str
    says: str


class AppAnswer(TypedDict):
    """A Spotify app; `owner` is the handle of who brought it, "" the operator's."""

    clientId: str
    owner: str
    seatsTaken: int
    rules: list[RuleAnswer]


class Deletion(TypedDict):
    """What was deleted, and the receipt that proves it without naming anybody."""

    deletedRecords: dict[str, int]
    deletedAt: datetime
    receipt: str


class Standing(TypedDict):
    """Whether a listener sees how the instance is run, and as what."""

    name: str
    operator: bool
    role: str | None


@app.command(name="list")
def list_users(*, as_json: AsJson = False) -> None:
    """List everyone.

    Example: `audiospective users list`
    """

    async def work(parts: Parts) -> list[User]:
        async with parts.db.reading() as conn:
            return [_user(one, len(await history.load(conn, one.id))) for one in await people.everyone(conn)]

    answer(
        with_parts(work),
        as_json=as_json,
        text=lambda users: "\n".join(map(_line, users)) or "Nobody yet. Add one: audiospective users add NAME",
    )


@app.command(name="apps")
def list_apps(*, as_json: AsJson = False) -> int:
    """List the Spotify apps of this instance, how full they are, and what Spotify's rules will refuse. 1 when they refuse something now.

    Example: `audiospective users apps`
    """

    async def work(parts: Parts) -> list[AppAnswer]:
        async with parts.db.reading() as conn:
            return [_app(one, parts.settings.app_url) for one in await apps.seats(conn, parts.spotify)]

    found = with_parts(work)
    answer(found, as_json=as_json, text=lambda rows: "\n".join(map(_app_lines, rows)))
    return Exit.NO if any(rule["stands"] == Stands.BAD for one in found for rule in one["rules"]) else Exit.DONE


@app.command
def add(name: str, /, *, as_json: AsJson = False) -> None:
    """Add a listener without Spotify, for an archive made of imports.

    Example: `audiospective users add mara`

    Parameters
    ----------
    name
        What they are called here; small letters, digits and dashes are kept.
    """

    async def work(parts: Parts) -> User:
        async with parts.db.transaction() as conn:
            return _user(await people.add(conn, name, parts.clock.now()), 0)

    answer(
        with_parts(work), as_json=as_json, text=lambda user: f"Added {user['name']}. Next: audiospective import FILE --user {user['name']}"
    )


@app.command
def show(name: str, /, *, as_json: AsJson = False) -> None:
    """Show one listener.

    Example: `audiospective users show mara --json`

    Parameters
    ----------
    name
        What they are called here.
    """

    async def work(parts: Parts) -> User:
        async with parts.db.reading() as conn:
            person = await somebody(conn, name)
            return _user(person, len(await history.load(conn, person.id)))

    answer(with_parts(work), as_json=as_json, text=_line)


@app.command
def delete(name: str, /, *, as_json: AsJson = False) -> None:
    """Delete a listener with every play, token and import; there is no way back.

    Example: `audiospective users delete mara`

    Parameters
    ----------
    name
        What they are called here.
    """

    async def work(parts: Parts) -> Deletion:
        async with parts.db.reading() as conn:
            user = UserId((await somebody(conn, name)).id)
        ledger, instance = parts.settings.home / erasure.LEDGER, parts.settings.app_url
        gone = await erasure.delete_account(parts.db, parts.sealer, parts.cache, parts.clock, user=user, instance=instance, ledger=ledger)
        return {"deletedRecords": gone.records, "deletedAt": gone.at, "receipt": gone.receipt}

    answer(with_parts(work), as_json=as_json, text=lambda gone: _gone(name, gone))


@app.command
def operator(
    name: str, /, *, role: Role = Role.LEAD, no_longer: Annotated[bool, Parameter(negative=())] = False, as_json: AsJson = False
) -> None:
    """Let a listener see how the instance is run: /ops, /metrics, tests of the error tracker.

    Example: `audiospective users operator mara`

    Parameters
    ----------
    name
        What they are called here.
    role
        lead may do everything; monitor opens incidents and watches; support answers people; viewer looks.
    no_longer
        Take it back.
    """

    async def work(parts: Parts) -> Standing:
        async with parts.db.transaction() as conn:
            person = await somebody(conn, name)
            await people.set_operator(conn, person.id, may=not no_longer, role=role.value)
            return {"name": person.name, "operator": not no_longer, "role": None if no_longer else role.value}

    answer(with_parts(work), as_json=as_json, text=_standing)


@app.command
def token(name: str, /, *, label: str = "command line", as_json: AsJson = False) -> None:
    """Print a new personal token, for the API and for signing in without Spotify. It is shown this once.

    Example: `audiospective users token mara`

    Parameters
    ----------
    name
        Whose token it is.
    label
        What it is for, as Settings lists it.
    """

    async def work(parts: Parts) -> dict[str, str]:
        async with parts.db.transaction() as conn:
            return {"token": await tokens.issue(conn, (await somebody(conn, name)).id, label, parts.clock.now())}

    answer(with_parts(work), as_json=as_json, text=lambda made: made["token"])


def _user(person: Person, plays: int) -> User:
    return {
        "name": person.name,
        "displayName": person.display_name,
        "spotify": person.spotify_id is not None,
        "timeZone": person.time_zone,
        "createdAt": person.created_at,
        "plays": plays,
    }


def _standing(told: Standing) -> str:
    return f"{told['name']} is {'an operator (' + told['role'] + ')' if told['role'] else 'no longer an operator'}."


def _line(user: User) -> str:
    kind = "Spotify" if user["spotify"] else "imports only"
    return f"{user['name']:<20} {user['plays']:>10,} plays   {kind:<12} {user['timeZone']:<20} {user['displayName']}"


def _gone(name: str, gone: Deletion) -> str:
    counts = ", ".join(f"{count:,} {kind}" for kind, count in gone["deletedRecords"].items())
    return f"Deleted {name}: {counts}.\nReceipt, which names nobody: {gone['receipt']}"


def _app(one: Seats, app_url: str) -> AppAnswer:
    rules = foresee(app_url, taken=one.taken, forbidden=one.forbidden)
    told = [RuleAnswer(name=rule.name, stands=rule.stands.value, says=rule.says) for rule in rules]
    return AppAnswer(clientId=one.client_id, owner=one.owner, seatsTaken=one.taken, rules=told)


def _app_lines(one: AppAnswer) -> str:
    whose = f"brought by {one['owner']}" if one["owner"] else "the operator's"
    return "\n".join([f"{one['clientId']}  {whose}", *(f"  {rule['stands']:<5} {rule['name']}: {rule['says']}" for rule in one["rules"])])
