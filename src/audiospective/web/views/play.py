"""One play, and who said that it was heard."""

from __future__ import annotations

import msgspec

from audiospective.archive.plays import Source
from audiospective.infra.language import mark, say, say_many
from audiospective.insights.zones import Zone
from audiospective.reports.play import PlayAnswer, WitnessAnswer
from audiospective.web.charts.sleeve import sleeve
from audiospective.web.views.deck import Deck
from audiospective.web.views.lists import Art, spotify
from audiospective.web.views.words import country, listed, long_day, of_time

_SAID = {
    Source.EXTENDED.label: mark("Spotify’s extended history"),
    Source.API.label: mark("Spotify, asked by a sweep"),
    Source.ACCOUNT.label: mark("Spotify’s account data"),
    Source.OWN.label: mark("A file of Audiospective"),
    Source.SCROBBLE.label: mark("A scrobbler"),
    Source.LISTENBRAINZ.label: mark("A file of ListenBrainz"),
    Source.LASTFM.label: mark("A file of Last.fm"),
    Source.MALOJA.label: mark("A file of Maloja"),
    Source.KOITO.label: mark("A file of Koito"),
    Source.YOUR_SPOTIFY.label: mark("A file of your_spotify"),
    Source.TRACKER.label: mark("Another tracker’s file"),
}


class SourceView(msgspec.Struct, frozen=True):
    """A source as a row; "" where it doesn't tell. `stands`: its word is the one that counts."""

    name: str
    ended: str
    heard: str
    where: str
    brought: str
    stands: bool


class PlayPage(msgspec.Struct, frozen=True):
    """The page; `around` leads to the plays of that day."""

    deck: Deck
    name: str
    href: str
    by: str
    art: Art
    link: str | None
    when: str
    sentence: str
    sources: tuple[SourceView, ...]
    around: str


def play_view(found: PlayAnswer, deck: Deck, zone: Zone) -> PlayPage:
    """The page of a play."""
    at = zone.local(found.played_at)
    sentence = say_many(len(found.sources), "{n} source reported this play.", "{n} sources reported this play; it is counted once.")
    return PlayPage(
        deck=deck,
        name=found.track.name,
        href=f"/track/{found.track.id}",
        by=listed([artist.name for artist in found.track.artists]),
        art=Art(None, sleeve(found.track.id)),
        link=spotify("track", found.track.spotify_id),
        when=say("Heard until {time} on {day}", time=of_time(at), day=long_day(at.date())),
        sentence=sentence,
        sources=tuple(_source(one, zone) for one in found.sources),
        around=f"/history?until={at.date()}",
    )


def _source(one: WitnessAnswer, zone: Zone) -> SourceView:
    at = zone.local(one.ended_at)
    where = [one.platform or "", country(one.country) if one.country else ""]
    brought = [say("import {number}: {name}", number=one.import_id, name=one.import_name or "")] if one.import_id else []
    brought += [say("said again by {name}", name=name) for name in one.said_again_by]
    return SourceView(
        name=say(_SAID[one.source]),
        ended=f"{at:%H:%M:%S}",
        heard=_length(one.ms_played) if one.ms_played is not None else "",
        where=", ".join(part for part in where if part),
        brought=" · ".join(brought),
        stands=one.stands,
    )


def _length(ms: int) -> str:
    minutes, seconds = divmod(round(ms / 1000), 60)
    return f"{minutes}:{seconds:02d}"
