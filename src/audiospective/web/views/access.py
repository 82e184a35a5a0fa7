"""Who and what may reach an archive: browsers that are signed in, and Spotify."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from audiospective.accounts import sessions
from audiospective.accounts.grants import GrantState
from audiospective.accounts.people import Person
from audiospective.accounts.sessions import Session
from audiospective.insights.zones import Zone
from audiospective.web.views.words import ago, long_day


class SessionView(msgspec.Struct, frozen=True):
    """A browser that is signed in."""

    id: str
    since: str
    seen: str
    ends: str
    is_this: bool


class AccessView(msgspec.Struct, frozen=True):
    """`connected_since` is "" where Spotify isn't connected."""

    sessions: tuple[SessionView, ...]
    connected_since: str


NOBODY = AccessView((), "")


def access_view(person: Person, state: GrantState | None, signed_in: Sequence[Session], cookie: str, now: datetime) -> AccessView:
    """The part of Settings; `cookie` is that of the browser which looks."""
    zone, this = Zone.named(person.time_zone), sessions.id_of(cookie)

    def day(moment: datetime) -> str:
        return long_day(zone.local(moment).date())

    rows = tuple(
        SessionView(one.id, day(one.created_at), ago(one.last_seen_at, now), day(one.expires_at), one.id == this) for one in signed_in
    )
    return AccessView(rows, day(state.authorized_at) if state else "")
