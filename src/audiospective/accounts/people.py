"""Who has an archive here? Listeners who signed in with Spotify, and those who only import."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Final
from zoneinfo import available_timezones

from audiospective.errors import Conflict, Invalid, NotFound
from audiospective.infra.database import Connection, execute, fetch_all, fetch_one
from audiospective.infra.language import CHOICES
from audiospective.infra.sealing import Sealer
from audiospective.infra.statements import statements

sql = statements(__name__)

THEMES: Final = ("system", "light", "dark")

_LONGEST_SLUG = 40
_MOST_MOVES = 50
_LONGEST_DISPLAY_NAME = 100


@dataclass(frozen=True, slots=True)
class Person:
    """A listener. `name` is the handle (a-z, 0-9, hyphens); `spotify_id` is None for an import-only archive.

    `time_zone` names their clock as insights/zones.py reads it: an IANA name, behind those of where they lived before.
    """

    id: int
    name: str
    display_name: str
    spotify_id: str | None
    time_zone: str
    theme: str
    created_at: datetime
    history_version: int
    language: str = ""
    """One of infra/language.py's; "" is whatever their browser asks for."""
    is_operator: bool = False
    """Whether they may see how the instance is run, as far as whoever asked wanted to know; a browser's session does."""


async def add(conn: Connection, name: str, now: datetime) -> Person:
    """A listener without Spotify; raises Invalid when no handle can be made of `name`, Conflict when it is taken."""
    wanted = slug(name)
    if not wanted:
        raise Invalid(f"“{name}” has no letter or digit from which to make a handle; try a name such as “mara”.", field="name")
    params = {"name": wanted, "display_name": _display_name(name), "spotify_id": None, "now": now}
    person = await fetch_one(conn, sql["add"], Person, **params)
    if person is None:
        raise Conflict(f"The name “{wanted}” is taken on this instance; choose another.", field="name")
    return person


async def upsert(conn: Connection, *, spotify_id: str, display_name: str | None, now: datetime) -> Person:
    """The person of this Spotify account, made at the first sign-in; afterwards the display name is theirs to change."""
    shown = _plain(display_name or "")[:_LONGEST_DISPLAY_NAME].strip() or "Listener"
    while True:
        person = await fetch_one(conn, sql["by_spotify_id"], Person, spotify_id=spotify_id)
        if person is None:
            name = await _free_name(conn, slug(shown) or "listener")
            params = {"name": name, "display_name": shown, "spotify_id": spotify_id, "now": now}
            person = await fetch_one(conn, sql["add"], Person, **params)
        if person is not None:  # None: somebody took the name, or signed the same account in, between the two statements
            return person


async def join(conn: Connection, user: int, spotify_id: str) -> None:
    """Let a listener without Spotify be the one of this Spotify account; raises Conflict when it has an archive of its own here.

    Whoever has a Spotify account already keeps it.
    """
    there = await fetch_one(conn, sql["by_spotify_id"], Person, spotify_id=spotify_id)
    if there is not None and there.id != user:
        message = "This Spotify account has an archive of its own on this instance. Sign out, and sign in with Spotify to see it."
        raise Conflict(message, field="spotify")
    await execute(conn, sql["join"], user=user, spotify_id=spotify_id)


async def by_id(conn: Connection, user: int) -> Person:
    """The person of this id; raises NotFound."""
    person = await fetch_one(conn, sql["by_id"], Person, user=user)
    if person is None:
        raise NotFound("This account doesn't exist on this instance any more.")
    return person


async def by_name(conn: Connection, name: str) -> Person:
    """The person of this handle; raises NotFound."""
    person = await fetch_one(conn, sql["by_name"], Person, name=name.replace("\0", ""))
    if person is None:
        raise NotFound(f"Nobody on this instance is called “{name}”; `audiospective users list` shows who there is.")
    return person


async def everyone(conn: Connection) -> list[Person]:
    """All listeners by name."""
    return await fetch_all(conn, sql["everyone"], Person)


async def set_preferences(
    conn: Connection,
    user: int,
    *,
    time_zone: str | None = None,
    theme: str | None = None,
    display_name: str | None = None,
    language: str | None = None,
) -> Person:
    """Change what is given, leave what is None; raises Invalid (field timeZone, theme, displayName or language) or NotFound."""
    if time_zone is not None and time_zone not in _time_zones():
        raise Invalid(f"“{time_zone}” is no time zone; use a name such as “Europe/Lisbon”.", field="timeZone")
    if theme is not None and theme not in THEMES:
        raise Invalid(f"“{theme}” is no theme; choose system, light or dark.", field="theme")
    if language is not None and language not in {"", *CHOICES}:
        raise Invalid(f"“{language[:20]}” isn't spoken here; choose {', '.join(CHOICES)}, or nothing for the browser's.", field="language")
    shown = None if display_name is None else _display_name(display_name)
    wanted = {"time_zone": time_zone, "theme": theme, "display_name": shown, "language": language}
    person = await fetch_one(conn, sql["set_preferences"], Person, user=user, **wanted)
    if person is None:
        raise NotFound("This account doesn't exist on this instance any more.")
    return person


async def set_past_zones(conn: Connection, user: int, lived: Sequence[tuple[str, date]]) -> Person:
    """Where they lived before, each zone until before a local day; raises Invalid (field zone) or NotFound."""
    past = sorted(lived, key=lambda one: one[1])
    for zone, _ in past:
        if zone not in _time_zones():
            raise Invalid(f"“{zone[:60]}” is no time zone; use a name such as “Asia/Tokyo”.", field="zone")
    if len({until for _, until in past}) < len(past) or len(past) > _MOST_MOVES:
        raise Invalid(f"Each move has a day of its own, and there are {_MOST_MOVES} at most.", field="until")
    text = "".join(f"{zone}<{until.isoformat()};" for zone, until in past)
    person = await fetch_one(conn, sql["set_past_zones"], Person, user=user, past=text)
    if person is None:
        raise NotFound("This account doesn't exist on this instance any more.")
    return person


async def one_at_a_time(conn: Connection, user: int) -> None:
    """To the end of this transaction nobody else adds to what this person may have so many of: what is counted then is true.

    Raises NotFound for whoever was deleted while this waited.
    """
    if await fetch_one(conn, sql["one_at_a_time"], int, user=user) is None:
        raise NotFound("This account doesn't exist on this instance any more.")


async def is_operator(conn: Connection, user: int) -> bool:
    """Whether they may see how the instance is run; nobody who isn't here may."""
    return await fetch_one(conn, sql["is_operator"], bool, user=user) is True


async def an_operator(conn: Connection) -> int | None:
    """The id of somebody who runs this instance; None while nobody does."""
    return await fetch_one(conn, sql["an_operator"], int)


async def set_operator(conn: Connection, user: int, *, may: bool, role: str = "lead") -> None:
    """Let somebody see how the instance is run, or no longer; `role` as operations/roles.py has them."""
    await execute(conn, sql["set_operator"], user=user, is_operator=may, role=role)


async def operator_role(conn: Connection, user: int) -> str | None:
    """What they may do; None for whoever is no operator."""
    return await fetch_one(conn, sql["operator_role"], str, user=user)


async def operator_seen(conn: Connection, user: int, now: datetime, *, watches: bool = False) -> None:
    """Note that an operator's page is open; `watches`: that of the figures."""
    await execute(conn, sql["operator_seen"], user=user, now=now, watches=watches)


async def watching(conn: Connection, since: datetime) -> list[str]:
    """Operators whose page of figures was heard of since then, by the names that they go by."""
    return await fetch_all(conn, sql["watching"], str, since=since)


async def operators_here(conn: Connection, since: datetime) -> list[str]:
    """Operators whose page was heard of since then, by the names that they go by."""
    return await fetch_all(conn, sql["operators_here"], str, since=since)


async def remove(conn: Connection, user: int) -> bool:
    """Remove the account and everything that hangs on it, but not the plays: `privacy.erasure` does both. False: was gone already."""
    return await execute(conn, sql["remove"], user=user) > 0


def slug(display_name: str) -> str:
    """Letters a-z, digits and single hyphens, 40 at most; "" when nothing is left."""
    plain = unicodedata.normalize("NFKD", display_name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_SLUG].rstrip("-")


def alias(sealer: Sealer, user: int) -> str:
    """How logs call somebody: twelve letters that say nothing to whom lacks the secret."""
    return sealer.sign(str(user).encode(), purpose="log user")[:12]


async def _free_name(conn: Connection, wanted: str) -> str:
    taken = set(await fetch_all(conn, sql["names_like"], str, slug=wanted, pattern=f"{wanted}-%"))
    number = 2
    name = wanted
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    return name


@cache
def _time_zones() -> frozenset[str]:
    """Read once: looking through the zones' files takes 30 ms. Two of them are no place: where the machine is, and nowhere yet."""
    return frozenset(available_timezones()) - {"localtime", "Factory"}


def _display_name(given: str) -> str:
    shown = _plain(given).strip()
    if not 1 <= len(shown) <= _LONGEST_DISPLAY_NAME:
        raise Invalid(f"A display name has 1 to {_LONGEST_DISPLAY_NAME} characters; this one has {len(shown)}.", field="displayName")
    return shown


def _plain(text: str) -> str:
    """Without control characters and halves of characters, which no database takes and no page shows."""
    return "".join(letter for letter in text if unicodedata.category(letter) not in {"Cc", "Cs"})
