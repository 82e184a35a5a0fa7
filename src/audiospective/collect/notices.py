"""What a listener must know, told once: that the permission ends soon, that collecting has stopped, that it is strangely quiet.

Every page says it by a banner as long as it is so; here a message goes by each way that somebody chose for trouble
(accounts/ways.py). What is true of many people at once is Spotify's trouble and the operators' affair: nobody is told one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from audiospective.accounts import ways
from audiospective.accounts.grants import CONSENT, consent_ends
from audiospective.accounts.ways import Topic
from audiospective.archive import history
from audiospective.infra import outbox
from audiospective.infra.clock import Clock
from audiospective.infra.database import Connection, Database, execute, fetch_all, fetch_one
from audiospective.infra.language import say, speaking
from audiospective.infra.statements import statements
from audiospective.infra.telemetry import get_logger
from audiospective.infra.written import long_day

sql = statements(__name__)

#: So many days before its end a permission is spoken of.
FORETOLD: Final = (30, 14, 3)
#: Longer than accounts/renewal.py takes back ends that came all at once.
_SETTLED: Final = timedelta(minutes=15)
#: So long Spotify may not answer about somebody before they are told.
_HELD_UP: Final = timedelta(hours=24)
#: Nobody's silence is strange before; then it is when it lasts twice as long as any in these months.
_QUIET: Final = timedelta(days=3)
_MONTHS: Final = timedelta(days=120)
#: Of whom fewer plays are known, no rhythm is.
_LEAST_PLAYS: Final = 100

#: So many people, and such a part of all, are no longer one person's affair.
_MANY, _MANY_SHARE = 5, 0.3


class NoticeKind(StrEnum):
    """What there is to tell."""

    ENDS_IN_30 = "ends_in_30"
    ENDS_IN_14 = "ends_in_14"
    ENDS_IN_3 = "ends_in_3"
    STOPPED = "stopped"
    HELD_UP = "held_up"
    QUIET = "quiet"


class Concern(msgspec.Struct, frozen=True):
    """Somebody whom something concerns; `about` is when it began."""

    user_id: int
    about: datetime


class Standing(msgspec.Struct, frozen=True):
    """What stands between somebody and their plays; `kind` is held_up or quiet, `about` when it began."""

    kind: str
    about: datetime


async def standing(conn: Connection, user: int, now: datetime) -> Standing | None:
    """What a page has to say to this person while it is so; None where all is well, or their permission's end says more."""
    return await fetch_one(conn, sql["standing"], Standing, user=user, before=now - _HELD_UP)


async def tell(db: Database, clock: Clock, *, app_url: str) -> list[NoticeKind]:
    """Tell everybody what is new and concerns them; what was told."""
    now = clock.now()
    async with db.transaction() as conn:
        found, by = await _found(conn, now), await ways.everybodys(conn)
        told = []
        for kind, who in found:
            if not await execute(conn, sql["remember"], user=who.user_id, kind=kind, about=who.about, now=now):
                continue
            told.append(kind)
            key = f"trouble:{kind}:{who.about:%Y%m%dT%H%M%S}"
            for way in (one for one in by if one.user_id == who.user_id and Topic.TROUBLE.value in one.wants):
                with speaking(way.tongue):
                    subject, body = news_of(kind, who, app_url)
                await outbox.store(conn, ways.news(way, key, subject, body), now)
    if told:
        get_logger().info("notices.told", **{kind.value: told.count(kind) for kind in sorted(set(told))})
    return told


async def _found(conn: Connection, now: datetime) -> list[tuple[NoticeKind, Concern]]:
    near = now - CONSENT + timedelta(days=FORETOLD[0])
    consents = await fetch_all(conn, sql["consents"], Concern, over=now - CONSENT, near=near)
    ended = await fetch_all(conn, sql["ended"], Concern, before=now - _SETTLED)
    everyone = await fetch_one(conn, sql["active"], int) or 0
    held_up = _unless_many(NoticeKind.HELD_UP, await fetch_all(conn, sql["held_up"], Concern, before=now - _HELD_UP), everyone)
    quiet = _unless_many(NoticeKind.QUIET, await _strangely_quiet(conn, now), everyone)
    return [
        *((_stage(consent_ends(one.about) - now), one) for one in consents),
        *((NoticeKind.STOPPED, one) for one in ended),
        *((NoticeKind.HELD_UP, one) for one in held_up),
        *((NoticeKind.QUIET, one) for one in quiet),
    ]


async def _strangely_quiet(conn: Connection, now: datetime) -> list[Concern]:
    asked = await fetch_all(conn, sql["quiet"], Concern, lately=now - 2 * timedelta(hours=2), before=now - _QUIET)
    found = []
    for one in asked:
        pause = await history.longest_pause(conn, one.user_id, since=one.about - _MONTHS, till=one.about, least=_LEAST_PLAYS)
        if pause is not None and now - one.about > max(2 * pause, _QUIET):
            found.append(one)
    return found


def _unless_many(kind: NoticeKind, concerned: Sequence[Concern], everyone: int) -> Sequence[Concern]:
    if len(concerned) < max(_MANY, everyone * _MANY_SHARE):
        return concerned
    get_logger().error("notices.withheld", kind=kind.value, people=len(concerned), of=everyone)
    return ()


def _stage(left: timedelta) -> NoticeKind:
    days = min(days for days in FORETOLD if left <= timedelta(days=days))
    return NoticeKind(f"ends_in_{days}")


def news_of(kind: NoticeKind, who: Concern, app_url: str) -> tuple[str, str]:
    """Subject and text of a piece of news, in the language that is spoken."""
    subject, text = _said(kind, who, app_url)
    once = say("You get this once. {address} says where else it goes.", address=f"{app_url}/notices")
    return subject, f"{text}\n\n{once}\n"


def _said(kind: NoticeKind, who: Concern, app_url: str) -> tuple[str, str]:
    day = long_day(who.about)
    match kind:
        case NoticeKind.ENDS_IN_30 | NoticeKind.ENDS_IN_14 | NoticeKind.ENDS_IN_3:
            renew = f"{app_url}/auth/spotify?next=/settings"
            return (
                say("Spotify’s permission ends on {day}", day=long_day(consent_ends(who.about))),
                say("It lasts six months, for everybody. One click renews it, and nothing is lost: {address}", address=renew),
            )
        case NoticeKind.STOPPED:
            again = say(
                "Spotify ended its permission on {day}. Your archive is whole up to then. Sign in with Spotify again to go on: {address}",
                day=day,
                address=f"{app_url}/auth/spotify?next=/dashboard",
            )
            later = say("An export of Spotify’s closes the gap later.")
            return say("Collecting has stopped"), f"{again}\n{later}"
        case NoticeKind.HELD_UP:
            helps = say(
                "The last answer came on {day}. Your archive tries again by itself; {address} says what may help.",
                day=day,
                address=f"{app_url}/settings",
            )
            return say("Spotify hasn’t answered since yesterday"), helps
        case NoticeKind.QUIET:
            look = say(
                "That is longer than any silence of yours in months. "
                "If you did listen, look whether it was in private sessions or with another account: {address}",
                address=f"{app_url}/dashboard",
            )
            return say("Nothing heard since {day}", day=day), look
