"""The settings page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from zoneinfo import available_timezones

import msgspec

from audiospective.accounts.lenses import Wanted
from audiospective.accounts.people import Person
from audiospective.accounts.tokens import Token
from audiospective.infra.language import CHOICES, mark, say, say_many
from audiospective.insights.zones import Zone
from audiospective.reports.share import Share
from audiospective.web.views.access import NOBODY, AccessView
from audiospective.web.views.deck import Deck
from audiospective.web.views.permission import Permission
from audiospective.web.views.share import OwnShare, own_share, share_ends
from audiospective.web.views.words import ago, hour, long_day, of_time

_LEAST = (
    (0, mark("everything, skips too")),
    (10, mark("10 seconds")),
    (30, mark("30 seconds, as Spotify counts")),
    (60, mark("a minute")),
    (120, mark("2 minutes")),
)
_THEMES = (("system", mark("As my device says")), ("light", mark("Always light")), ("dark", mark("Always dark")))
_KINDS = {
    "artist": mark("Artist"),
    "album": mark("Album"),
    "track": mark("Track"),
    "hours": mark("Hours"),
    "stretch": mark("Stretch"),
    "private": mark("Private sessions"),
    "playlist": mark("Playlist"),
}


class LeftOut(msgspec.Struct, frozen=True):
    """A thing that doesn't count, and can be shown again."""

    id: str
    kind: str
    name: str


class TokenView(msgspec.Struct, frozen=True):
    """A personal token, by name."""

    id: str
    name: str
    created: str
    used: str


class SettingsView(msgspec.Struct, frozen=True):
    """The page; `new_token` is shown this once, `is_saved` says that the form above was kept."""

    deck: Deck
    calendar: str
    name: str
    display_name: str
    time_zone: str
    lived: tuple[tuple[str, str], ...]
    local_time: str
    zones: tuple[str, ...]
    languages: tuple[tuple[str, str], ...]
    language: str
    theme: str
    themes: tuple[tuple[str, str], ...]
    permission: Permission | None
    tokens: tuple[TokenView, ...]
    new_token: str
    is_saved: bool
    least: tuple[tuple[int, str], ...]
    least_now: int
    left_out: tuple[LeftOut, ...]
    hours: tuple[tuple[int, str], ...]
    access: AccessView
    shares: tuple[OwnShare, ...]
    share_ends: tuple[tuple[str, str], ...]


def settings_view(
    person: Person,
    deck: Deck,
    tokens: Sequence[Token],
    permission: Permission | None,
    now: datetime,
    *,
    wanted: Wanted,
    calendar: str,
    access: AccessView = NOBODY,
    shares: Sequence[Share] = (),
    new_token: str = "",
    is_saved: bool = False,
) -> SettingsView:
    """The page of this person."""
    return SettingsView(
        deck=deck,
        calendar=calendar,
        name=person.name,
        display_name=person.display_name,
        time_zone=Zone(person.time_zone).current,
        lived=tuple((zone, until.isoformat()) for zone, until in Zone(person.time_zone).lived),
        local_time=of_time(Zone(person.time_zone).local(now)),
        zones=_zones(),
        languages=(("", say("As my browser asks")), *CHOICES.items()),
        language=person.language,
        theme=person.theme,
        themes=tuple((one, say(words)) for one, words in _THEMES),
        permission=permission,
        tokens=tuple(_token(one, now) for one in tokens),
        new_token=new_token,
        is_saved=is_saved,
        least=_least(wanted.least_play_s),
        least_now=wanted.least_play_s,
        left_out=tuple(LeftOut(str(rule.id), say(_KINDS.get(rule.kind, rule.kind)), rule.name) for rule in wanted.rules),
        hours=tuple((at, hour(at)) for at in range(24)),
        access=access,
        shares=tuple(own_share(one, Zone(person.time_zone), now) for one in shares),
        share_ends=share_ends(),
    )


def _least(now: int) -> tuple[tuple[int, str], ...]:
    usual = tuple((seconds, say(words)) for seconds, words in _LEAST)
    return usual if now in dict(_LEAST) else (*usual, (now, say_many(now, "{n} second", "{n} seconds")))


def _token(token: Token, now: datetime) -> TokenView:
    used = ago(token.last_used_at, now) if token.last_used_at else say("never")
    return TokenView(token.id, token.name, long_day(token.created_at.date()), used)


@cache
def _zones() -> tuple[str, ...]:
    return tuple(sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/", "US/"))))
