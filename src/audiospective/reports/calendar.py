"""What a calendar should remember: when Spotify's permission ends, and what was heard on these days in other years."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from audiospective.accounts import grants
from audiospective.archive import catalog
from audiospective.errors import NotFound
from audiospective.infra.database import Connection
from audiospective.infra.language import say, say_many
from audiospective.infra.sealing import Sealer
from audiospective.insights.listening import Listening
from audiospective.insights.on_this_day import on_this_day
from audiospective.insights.period import Period

if TYPE_CHECKING:
    from icalendar import Event

_PURPOSE: Final = "calendar"
_DAYS: Final = 30
#: Days before the end at which a calendar rings (docs: 30, 14 and 3).
_RINGS: Final = (30, 14, 3)


def name(sealer: Sealer, user: int) -> str:
    """The end of the secret address of somebody's calendar; calendars can't show a token."""
    return f"{user}.{sealer.sign(str(user).encode(), purpose=_PURPOSE)}"


def owner(sealer: Sealer, given: str) -> int:
    """Whose calendar it is; raises NotFound for any address that this instance didn't give out."""
    user, _, signature = given.partition(".")
    if not (user.isascii() and user.isdigit() and len(user) < 10 and sealer.verify(user.encode(), signature, purpose=_PURPOSE)):
        raise NotFound("There is no calendar at this address; Settings has yours.")
    return int(user)


async def calendar(conn: Connection, listening: Listening, app_url: str) -> bytes:
    """The feed (RFC 5545): the permission's end with its reminders, and a month of days with what they were.

    In the language that is spoken.
    """
    from icalendar import Calendar  # noqa: PLC0415 (80 modules, and few processes are ever asked for a calendar)

    feed = Calendar()
    feed.add("prodid", "-//Audiospective//EN")
    feed.add("version", "2.0")
    feed.add("x-wr-calname", "Audiospective")
    state = await grants.state(conn, listening.history.user)
    if state is not None and state.state == "active":
        feed.add_component(_permission(grants.consent_ends(state.authorized_at), listening.now, app_url))
    for event in await _days(conn, listening, app_url):
        feed.add_component(event)
    return bytes(feed.to_ical())


def _permission(ends: datetime, now: datetime, app_url: str) -> Event:
    from icalendar import Alarm  # noqa: PLC0415 (as above)

    event = _event(f"permission-{ends:%Y%m%d}", ends.date(), say("Renew Spotify’s permission for Audiospective"), now)
    event.add("description", say("It ends today. One click renews it, nothing is lost: {address}", address=f"{app_url}/settings"))
    for days in _RINGS:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", say_many(days, "Spotify’s permission ends in {n} day.", "Spotify’s permission ends in {n} days."))
        alarm.add("trigger", timedelta(days=-days))
        event.add_component(alarm)
    return event


async def _days(conn: Connection, listening: Listening, app_url: str) -> list[Event]:
    everything = listening.over(Period("all", None, None))
    today = listening.zone.today(listening.now)
    ahead = [today + timedelta(days=days) for days in range(_DAYS)]
    found = [(day, then) for day in ahead for then in on_this_day(everything, day)[:1]]
    cards = await catalog.tracks(conn, {then.track_id for _, then in found})
    events = []
    for day, then in found:
        summary = say_many(
            then.plays,
            "{year}: {n} play, mostly {track}",
            "{year}: {n} plays, mostly {track}",
            year=then.day.year,
            track=cards[then.track_id].name,
        )
        event = _event(f"day-{day:%Y%m%d}", day, summary, listening.now)
        event.add("url", f"{app_url}/history?until={then.day}")
        events.append(event)
    return events


def _event(uid: str, day: date, summary: str, now: datetime) -> Event:
    from icalendar import Event  # noqa: PLC0415 (as above)

    event = Event()
    event.add("uid", f"{uid}@audiospective")
    event.add("dtstamp", now)
    event.add("dtstart", day)
    event.add("summary", summary)
    return event
