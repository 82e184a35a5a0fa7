"""How Spotify's permission stands, as a banner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from audiospective.accounts.grants import GrantState, consent_ends
from audiospective.web.views.words import counted, long_day

#: Its end is foretold on every page from so long before.
FORETOLD: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Permission:
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
        note = "Collecting has stopped; your archive is whole up to then. An export closes the gap later."
        return Permission("bad", "Spotify’s permission has ended.", note, "Sign in again")
    if ends - now <= FORETOLD:
        left = counted(max((ends - now).days, 1), "day", "days")
        note = "It lasts six months, for everybody. One click renews it; nothing is lost."
        return Permission("warn", f"Spotify’s permission ends in {left}.", note, "Renew now")
    return Permission("good", "Connected to Spotify.", f"The permission lasts until {long_day(ends.date())}.", "Renew now")
