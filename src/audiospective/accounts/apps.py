"""Through which Spotify app is somebody asked about? The operator's from the settings, or one that a listener brought.

Spotify lets an app in development mode serve five people, and its owner needs Premium (spotify-api.md §1): this is how one instance serves
more of them by the rules. Each app has its own credentials, five seats and budget; a grant belongs to the app that it was given to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import msgspec

from audiospective.errors import Conflict, Invalid
from audiospective.infra.database import Connection, execute, fetch_all, fetch_one
from audiospective.infra.sealing import BrokenSeal, Sealer
from audiospective.infra.statements import statements
from audiospective.spotify.http import Spotify
from audiospective.spotify.rules import Rule, foresee

sql = statements(__name__)

#: The operator's app, which the settings name.
OPERATORS: Final = 0

_KEY = re.compile(r"[0-9A-Za-z]{32}")


@dataclass(frozen=True, slots=True)
class App:
    """An app that a listener brought; its secret stays sealed."""

    id: int
    client_id: str
    client_secret: bytes = field(repr=False)
    user_id: int
    added_at: datetime


class Seats(msgspec.Struct, frozen=True):
    """How full an app is, and about how many of its people Spotify refuses to answer just now; `owner` is a handle, "" the operator."""

    client_id: str
    owner: str
    taken: int
    forbidden: int


async def of(conn: Connection, spotify: Spotify, sealer: Sealer, app_id: int) -> Spotify:
    """Spotify as this app sees it; the operator's for one that is gone."""
    found = await fetch_one(conn, sql["by_id"], App, id=app_id) if app_id != OPERATORS else None
    return spotify if found is None else _as_app(spotify, sealer, found)


async def of_person(conn: Connection, spotify: Spotify, sealer: Sealer, user: int) -> Spotify:
    """Spotify as the app sees it through which this person is swept."""
    return await of(conn, spotify, sealer, await fetch_one(conn, sql["of_person"], int, user=user) or OPERATORS)


async def named(conn: Connection, spotify: Spotify, sealer: Sealer, client_id: str) -> Spotify | None:
    """Spotify as the app of this public name sees it; None when there is no such app here."""
    if client_id == spotify.client_id:
        return spotify
    found = await fetch_one(conn, sql["by_client_id"], App, client_id=client_id)
    return None if found is None else _as_app(spotify, sealer, found)


async def every(conn: Connection, spotify: Spotify, sealer: Sealer) -> list[Spotify]:
    """Spotify as each app of this instance sees it, the operator's first."""
    return [spotify, *(_as_app(spotify, sealer, one) for one in await fetch_all(conn, sql["everyone"], App))]


async def client_ids(conn: Connection) -> list[str]:
    """Public names of the apps that were brought."""
    return [one.client_id for one in await fetch_all(conn, sql["everyone"], App)]


async def number(conn: Connection, client_id: str) -> int:
    """The number of the app of this public name; the operator's for any that nobody brought."""
    found = await fetch_one(conn, sql["by_client_id"], App, client_id=client_id)
    return OPERATORS if found is None else found.id


async def own(conn: Connection, user: int) -> App | None:
    """The app that this person brought."""
    return await fetch_one(conn, sql["by_owner"], App, user=user)


async def bring(conn: Connection, spotify: Spotify, sealer: Sealer, user: int, *, client_id: str, secret: str, now: datetime) -> None:
    """Keep a listener's own app, its secret sealed; it takes the place of an earlier one.

    Raises what `check` raises, and Conflict when the app is here already.
    """
    check(client_id, secret)
    there = await fetch_one(conn, sql["by_client_id"], App, client_id=client_id)
    if client_id == spotify.client_id or (there is not None and there.user_id != user):
        raise Conflict("This app is here already; whoever brought it can give you the address to sign in by.", field="client_id")
    sealed = sealer.seal(secret.encode(), bound=_bound(client_id))
    await execute(conn, sql["bring"], client_id=client_id, secret=sealed, user=user, now=now)


def check(client_id: str, secret: str) -> None:
    """Raises Invalid (field client_id or client_secret) for what can't be either."""
    for name, given in (("client_id", client_id), ("client_secret", secret)):
        if not _KEY.fullmatch(given):
            what = name.replace("_", " ")
            raise Invalid(f"A {what} has 32 letters and digits; copy it from your app's page at Spotify.", field=name)


async def drop(conn: Connection, user: int) -> bool:
    """Take a listener's own app away; whoever gave it their permission has to sign in anew. False: there was none."""
    return await execute(conn, sql["drop"], user=user) > 0


async def seats(conn: Connection, spotify: Spotify) -> list[Seats]:
    """How full each app of this instance is, the operator's first."""
    return await fetch_all(conn, sql["seats"], Seats, operators=spotify.client_id)


async def rules(conn: Connection, spotify: Spotify, client_id: str, app_url: str) -> tuple[Rule, ...]:
    """What Spotify's rules will refuse to the app of this public name."""
    found = next((one for one in await seats(conn, spotify) if one.client_id == client_id), None)
    return foresee(app_url, taken=found.taken if found else 0, forbidden=found.forbidden if found else 0)


async def reseal(conn: Connection, sealer: Sealer) -> int:
    """Seal the secrets of apps anew that aren't under the first secret; how many it did. What can't be opened stays as it is."""
    done = 0
    for one in await fetch_all(conn, sql["everyone"], App):
        if sealer.is_current(one.client_secret):
            continue
        try:
            secret = sealer.open(one.client_secret, bound=_bound(one.client_id))
        except BrokenSeal:
            continue
        done += await execute(conn, sql["reseal"], id=one.id, secret=sealer.seal(secret, bound=_bound(one.client_id)))
    return done


def _as_app(spotify: Spotify, sealer: Sealer, app: App) -> Spotify:
    try:
        secret = sealer.open(app.client_secret, bound=_bound(app.client_id)).decode()
    except BrokenSeal:  # then the tokens of its people can't be opened either, and they are told so one by one
        secret = ""
    return spotify.as_app(app.client_id, secret)


def _bound(client_id: str) -> bytes:
    return f"spotify app {client_id}".encode()
