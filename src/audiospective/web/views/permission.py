"""How Spotify's permission stands, as a banner."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from audiospective.accounts.grants import GrantState, consent_ends
from audiospective.infra.language import say, say_many
from audiospective.web.views.words import long_day

#: Its end is foretold on every page from so long before.
FORETOLD: Final = timedelta(days=30)


class Permission(msgspec.Struct, frozen=True):
    """What there is to say about Spotify's permission; `kind` is good, warn or bad."""

    kind: str
    title: str
    note: str
    action: str


def permission(state: GrantState | None, now: datetime) -> Permission | None:
    """The permission as it stands; None for a listener without Spotify."""
    if state is None:
        return None
    ends = consent_ends(state.authorized_at)
    if state.state == "ended" or ends <= now:
        note = say("Collecting has stopped; your archive is whole up to then. An export closes the gap later.")
        return Permission("bad", say("Spotify’s permission has ended."), note, say("Sign in again"))
    if ends - now <= FORETOLD:
        title = say_many(max((ends - now).days, 1), "Spotify’s permission ends in {n} day.", "Spotify’s permission ends in {n} days.")
        note = say("It lasts six months, for everybody. One click renews it; nothing is lost.")
        return Permission("warn", title, note, say("Renew now"))
    lasts = say("The permission lasts until {day}.", day=long_day(ends.date()))
    return Permission("good", say("Connected to Spotify."), lasts, say("Renew now"))
