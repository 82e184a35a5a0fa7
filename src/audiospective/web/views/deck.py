"""The deck on top of every page of a listener: when Spotify was asked last, and when it will be again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from audiospective.accounts import grants
from audiospective.accounts.people import Person
from audiospective.bootstrap import Parts
from audiospective.collect import notices, sweep
from audiospective.collect.sweep import ArchiveStatus
from audiospective.infra.database import Connection
from audiospective.infra.language import say
from audiospective.insights.zones import Zone
from audiospective.web.views.permission import Permission, permission
from audiospective.web.views.standing import StandingView, standing_view
from audiospective.web.views.words import ago, of_time


@dataclass(frozen=True, slots=True)
class Deck:
    """The “Archive now” button; `is_connected` is False for a listener without Spotify, who has none."""

    is_connected: bool
    is_running: bool
    line: str
    """“12 min ago, next 22:00”."""
    permission: Permission | None = None
    """What every page has to say of Spotify's permission: that it ends soon, or has ended."""
    standing: StandingView | None = None
    """That Spotify doesn't answer, or that it is strangely quiet; nothing where the permission says more."""


async def deck(conn: Connection, parts: Parts, person: Person) -> Deck:
    """The deck of this person now."""
    if person.spotify_id is None:
        return Deck(False, False, "")
    now = parts.clock.now()
    state = await grants.state(conn, person.id)
    if state is None:  # they have disconnected
        return Deck(False, False, "")
    stands = permission(state, now)
    zone = Zone(person.time_zone)
    shown = from_status(await sweep.status(conn, person.id), now, zone)
    if stands and stands.kind != "good":
        return replace(shown, permission=stands)
    return replace(shown, standing=standing_view(await notices.standing(conn, person.id, now), zone))


def from_status(status: ArchiveStatus, now: datetime, zone: Zone) -> Deck:
    """The deck that says this status."""
    if status.state in {"queued", "running"}:
        return Deck(True, True, say("usually 2 seconds"))
    last = ago(status.swept_at, now) if status.swept_at else say("not yet")
    if status.due_at and status.due_at > now:
        return Deck(True, False, say("{last}, next {time}", last=last, time=of_time(zone.local(status.due_at))))
    return Deck(True, False, last)
