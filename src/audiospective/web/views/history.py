"""Every play, newest first, by days; what is looked for as chips that can be taken away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from urllib.parse import urlencode

import msgspec

from audiospective.archive.catalog import TrackCard
from audiospective.archive.plays import Source
from audiospective.infra.language import mark, say, say_many
from audiospective.insights.recent import Recent, RecentPage
from audiospective.insights.zones import Zone
from audiospective.reports.finding import Filter
from audiospective.web.views.deck import Deck
from audiospective.web.views.lists import Art, by, spotify, track_art
from audiospective.web.views.marks import Marks
from audiospective.web.views.words import long_day, number, of_time, whole_day

_SOURCES = {
    Source.EXTENDED: mark("Spotify export"),
    Source.API: mark("Spotify, live"),
    Source.ACCOUNT: mark("Spotify account data"),
    Source.OWN: mark("Audiospective file"),
    Source.SCROBBLE: mark("Scrobbled"),
    Source.LISTENBRAINZ: "ListenBrainz",
    Source.LASTFM: "Last.fm",
    Source.MALOJA: "Maloja",
    Source.KOITO: "Koito",
    Source.YOUR_SPOTIFY: "your_spotify",
    Source.TRACKER: mark("Other tracker"),
}
_RANGES = (("all", mark("All time")), ("7d", mark("7 days")), ("30d", mark("30 days")), ("90d", mark("90 days")), ("365d", mark("A year")))


class PlayView(msgspec.Struct, frozen=True):
    """One play; `heard` is how long, "" where no source tells."""

    time: str
    stamp: str
    play: str
    name: str
    by: str
    art: Art
    href: str
    artist_href: str
    link: str | None
    heard: str
    source: str


class DayView(msgspec.Struct, frozen=True):
    """The plays of one local day."""

    name: str
    plays: tuple[PlayView, ...]


class Chip(msgspec.Struct, frozen=True):
    """Something that is looked for, and the address without it."""

    words: str
    href: str


class HistoryView(msgspec.Struct, frozen=True):
    """The page."""

    deck: Deck
    marks: Marks
    sentence: str
    query: str
    ranges: tuple[tuple[str, str], ...]
    range_now: str
    sources: tuple[tuple[str, str], ...]
    source_now: str
    until: str
    ids: tuple[tuple[str, str], ...]
    """Names and ids of an artist, album or track that is looked for, kept in the form."""
    chips: tuple[Chip, ...]
    days: tuple[DayView, ...]
    older: str
    """Where the next page is; "" at the end."""
    nothing: str


class Looked(msgspec.Struct, frozen=True):
    """What the address asks for; `names` says what an id of the filter is called."""

    wanted: Filter
    spelling: str
    until: str
    names: dict[str, str]

    def address(self, **other: str) -> str:
        """The page's address with some of it changed; "" takes it away."""
        filters = {"q": self.wanted.query, "source": self.wanted.source, "range": "" if self.spelling == "all" else self.spelling}
        filters |= {name: str(value) for name in ("track", "artist", "album") if (value := getattr(self.wanted, name)) is not None}
        told = {name: value for name, value in (filters | {"until": self.until} | other).items() if value}
        return f"/history?{urlencode(told)}" if told else "/history"


def history_view(
    deck: Deck, looked: Looked, page: RecentPage, cards: dict[int, TrackCard], zone: Zone, *, ever: int, marks: Marks
) -> HistoryView:
    """The page; `ever` is how many plays the archive has in all."""
    return HistoryView(
        deck=deck,
        marks=marks,
        sentence=_sentence(looked, page.total),
        query=looked.wanted.query,
        ranges=_ranges(looked.spelling),
        range_now=looked.spelling,
        sources=(("", say("Every source")), *((source.label, say(words)) for source, words in _SOURCES.items())),
        source_now=looked.wanted.source,
        until=looked.until,
        ids=tuple((name, str(value)) for name in ("track", "artist", "album") if (value := getattr(looked.wanted, name)) is not None),
        chips=_chips(looked),
        days=_days(page.plays, cards, zone),
        older=looked.address(before=page.next) if page.next else "",
        nothing=_nothing(page, ever, is_connected=deck.is_connected),
    )


def _ranges(now: str) -> tuple[tuple[str, str], ...]:
    usual = tuple((spelling, say(words)) for spelling, words in _RANGES)
    return usual if now in dict(_RANGES) else (*usual, (now, now))


def _sentence(looked: Looked, total: int) -> str:
    if looked.wanted.is_open and looked.spelling == "all":
        return say_many(total, "All {n} play.", "All {n} plays.") if total else say("No plays yet.")
    return say_many(total, "{n} play found.", "{n} plays found.")


def _nothing(page: RecentPage, ever: int, *, is_connected: bool) -> str:
    if page.plays:
        return ""
    if not ever and not is_connected:
        return say("Nothing is archived yet. Import an export, and every play of it stands here.")
    if not ever:
        return say("Nothing is archived yet. Press “Archive now”, or import an export to go back further.")
    return say("No play matches. Take a chip away, or look for fewer letters.")


def _chips(looked: Looked) -> tuple[Chip, ...]:
    chips = [Chip(f"“{looked.wanted.query}”", looked.address(q=""))] if looked.wanted.query else []
    chips += [Chip(looked.names.get(name, name), looked.address(**{name: ""})) for name in looked.names]
    labels = {source.label: words for source, words in _SOURCES.items()}
    chips += [Chip(say(labels[looked.wanted.source]), looked.address(source=""))] if looked.wanted.source else []
    chips += [Chip(say(dict(_RANGES).get(looked.spelling, looked.spelling)), looked.address(range=""))] if looked.spelling != "all" else []
    chips += [Chip(say("until {day}", day=long_day(date.fromisoformat(looked.until))), looked.address(until=""))] if looked.until else []
    return tuple(chips)


def _days(plays: Sequence[Recent], cards: dict[int, TrackCard], zone: Zone) -> tuple[DayView, ...]:
    by_day = groupby(plays, lambda play: zone.local(play.ended_at).date())
    return tuple(DayView(whole_day(day), tuple(_play(play, cards[play.track_id], zone) for play in those)) for day, those in by_day)


def _play(play: Recent, card: TrackCard, zone: Zone) -> PlayView:
    return PlayView(
        time=of_time(zone.local(play.ended_at)),
        stamp=play.ended_at.isoformat(),
        play=f"/play/{play.id}",
        name=card.name,
        by=by(card),
        art=track_art(card),
        href=f"/track/{card.id}",
        artist_href=f"/artist/{card.artists[0].id}" if card.artists else "",
        link=spotify("track", card.spotify_id),
        heard="" if play.ms_played is None else length(play.ms_played),
        source=say(_SOURCES[play.source]),
    )


def length(ms: int) -> str:
    """3:27, or 1:02:05."""
    minutes, seconds = divmod(round(ms / 1000), 60)
    return f"{minutes}:{seconds:02d}" if minutes < 60 else f"{number(minutes // 60)}:{minutes % 60:02d}:{seconds:02d}"
