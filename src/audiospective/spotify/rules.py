"""What Spotify will refuse, said before anybody tries (spotify-api.md §1, §2). Pure: an app as it is set up in, sentences out."""

from __future__ import annotations

from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

import msgspec

#: Where Spotify sends people back to, behind the address of an instance.
CALLBACK: Final = "/auth/spotify/callback"
#: So many people may sign in with an app in development mode, each named on its page at Spotify.
SEATS: Final = 5

_LOOPBACK = {"127.0.0.1", "::1"}


class Stands(StrEnum):
    """How a rule stands."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


class Rule(msgspec.Struct, frozen=True):
    """One of Spotify's rules and how this app stands to it, in a sentence for whoever owns it."""

    name: str
    stands: Stands
    says: str


def redirect_address(app_url: str) -> str:
    """The address that Spotify sends people back to: this instance's where Spotify takes it, else one of the person's own machine."""
    if _is_taken(app_url):
        return app_url + CALLBACK
    port = urlsplit(app_url).port or 80
    return f"http://127.0.0.1:{port}{CALLBACK}"


def needs_paste(app_url: str) -> bool:
    """Whether Spotify can't send people back here, so that they bring the address over by hand."""
    return not _is_taken(app_url)


def foresee(app_url: str, *, taken: int, forbidden: int = 0) -> tuple[Rule, ...]:
    """How an app stands: `taken` seats, and `forbidden` people whom Spotify refuses to answer about just now."""
    return _address(app_url), _seats(taken), _owner(forbidden)


def _address(app_url: str) -> Rule:
    wanted = redirect_address(app_url)
    if not needs_paste(app_url):
        return Rule("Redirect address", Stands.GOOD, f"Give the app {wanted}, to the letter: Spotify compares it so.")
    says = (
        f"Spotify takes https, or http on 127.0.0.1, and would refuse {app_url}. Give the app {wanted} instead; people then paste "
        "the address that their browser ends on."
    )
    return Rule("Redirect address", Stands.WARN, says)


def _seats(taken: int) -> Rule:
    if taken >= SEATS:
        says = f"{taken} of {SEATS} seats are taken. Spotify refuses the next person, who can bring an app of their own."
        return Rule("Seats", Stands.BAD, says)
    says = f"{taken} of {SEATS} seats are taken. Spotify refuses whoever isn't named on the app's page, under User Management."
    return Rule("Seats", Stands.GOOD, says)


def _owner(forbidden: int) -> Rule:
    if forbidden:
        people = "1 person" if forbidden == 1 else f"{forbidden} people"
        says = f"Spotify refuses to answer about {people}: the app's owner has no Premium just now, or they aren't named on the app's page."
        return Rule("Premium", Stands.BAD, says)
    return Rule(
        "Premium",
        Stands.WARN,
        "The app's owner needs Premium: while it has lapsed, Spotify answers nobody. Only they can look.",
    )


def _is_taken(app_url: str) -> bool:
    parts = urlsplit(app_url)
    return parts.scheme == "https" or (parts.scheme == "http" and (parts.hostname or "") in _LOOPBACK)
