"""The page of one track, artist or album."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from markupsafe import Markup

from audiospective.archive.catalog import AlbumCard, ArtistCard, TrackCard
from audiospective.infra.language import mark, mark_many, say, say_html, say_many, say_many_html
from audiospective.insights.zones import Zone
from audiospective.reports.entity import Counted, Entity, EntityKind
from audiospective.web.charts.bars import bar, columns
from audiospective.web.views.deck import Deck
from audiospective.web.views.figures import FigureView, Table, week_figure
from audiospective.web.views.lists import (
    Art,
    ListItem,
    RecentView,
    TopList,
    album_art,
    artist_art,
    by,
    recent_view,
    spotify,
    track_art,
)
from audiospective.web.views.marks import Marks
from audiospective.web.views.words import hour, hours_and_minutes, long_day, month, number, weekday

_KINDS = {EntityKind.TRACK: mark("Track"), EntityKind.ARTIST: mark("Artist"), EntityKind.ALBUM: mark("Album")}
#: Said by `say_many`, so that each form is in the catalogues.
_OF = {
    EntityKind.TRACK: (mark_many("Of {n} track", "Of {n} tracks")),
    EntityKind.ARTIST: (mark_many("Of {n} artist", "Of {n} artists")),
    EntityKind.ALBUM: (mark_many("Of {n} album", "Of {n} albums")),
}


class EntityView(msgspec.Struct, frozen=True):
    """The page; `parents` are links to what it belongs to, `link` leads to Spotify."""

    deck: Deck
    kind: str
    name: str
    parents: tuple[tuple[str, str], ...]
    art: Art
    is_round: bool
    link: str | None
    lede: str
    stats: tuple[tuple[str, str | Markup], ...]
    figures: tuple[FigureView, ...]
    lists: tuple[TopList, ...]
    marks: Marks
    recent: tuple[RecentView, ...]
    history: str
    all_plays: str
    """What leads there."""
    genres: tuple[str, ...]


def entity_view(found: Entity, deck: Deck, zone: Zone, now: datetime, marks: Marks) -> EntityView:
    """The page of this one."""
    name, parents, art, spotify_id = _who(found)
    first, last = found.stats.first_play_at, found.stats.last_play_at
    lede = ""
    if first and last:
        lede = say(
            "First heard on {first}, last on {last}.", first=long_day(zone.local(first).date()), last=long_day(zone.local(last).date())
        )
    is_artist = found.kind is EntityKind.ARTIST
    most = say("Most played by them") if is_artist else say("Most played of it")
    lists = [_list("tracks", most, found.tracks)] if found.tracks else []
    lists += [_list("before", say("Heard just before"), found.before)] if found.before else []
    lists += [_list("after", say("Heard just after"), found.after)] if found.after else []
    return EntityView(
        deck=deck,
        marks=marks,
        kind=say(_KINDS[found.kind]),
        name=name,
        parents=parents,
        art=art,
        is_round=is_artist,
        link=spotify(found.kind.value, spotify_id),
        lede=lede,
        stats=_stats(found),
        figures=(_months(found), _ranks(found), _hours(found)),
        lists=tuple(lists),
        recent=tuple(recent_view(play.ended_at, card, zone, now) for play, card in found.recent),
        history=f"/history?{found.kind.value}={found.card.id}",
        all_plays=say("All their plays") if is_artist else say("All its plays"),
        genres=tuple(found.card.genres) if isinstance(found.card, ArtistCard) else (),
    )


def _who(found: Entity) -> tuple[str, tuple[tuple[str, str], ...], Art, str | None]:
    match found.card:
        case TrackCard() as card:
            parents = [(artist.name, f"/artist/{artist.id}") for artist in card.artists if artist.name]
            parents += [(card.album.name, f"/album/{card.album.id}")] if card.album and card.album.name else []
            return card.name, tuple(parents), track_art(card), card.spotify_id
        case AlbumCard() as card:
            return card.name, ((card.artist.name, f"/artist/{card.artist.id}"),), album_art(card), card.spotify_id
        case ArtistCard() as card:
            return card.name, (), artist_art(card), card.spotify_id


def _stats(found: Entity) -> tuple[tuple[str, str | Markup], ...]:
    one, many = _OF[found.kind]
    rows: list[tuple[str, str | Markup]] = [
        (say("Plays"), number(found.stats.total_plays)),
        (say("Time heard"), hours_and_minutes(found.stats.listened_ms)),
        (say_many(found.of, one, many), say("№ {place}", place=number(found.rank))),
    ]
    if found.kind is not EntityKind.TRACK:
        rows.append((say("Different tracks"), number(found.stats.unique_tracks)))
    return tuple(rows)


def _months(found: Entity) -> FigureView:
    plays = [count for _, count in found.months]
    best = max(range(len(plays)), key=plays.__getitem__) if plays else None
    labels = [(place, str(day.year)) for place, (day, _) in enumerate(found.months) if day.month == 1]
    said = say("{count} in {month}", count=number(plays[best]), month=month(found.months[best][0])) if best is not None else ""
    answer = say_html("Most of all in <b>{month}</b>.", month=month(found.months[best][0])) if best is not None else say_html("Never.")
    chart = columns(
        plays,
        labels[:: max(1, len(labels) // 8)],
        say("Plays per month; the most is lit"),
        height=260,
        lit=best,
        said=said,
        unit=say("plays"),
    )
    rows = tuple((month(day), number(count)) for day, count in found.months)
    return FigureView("months", say("How much, month by month?"), answer, chart, Table((say("Month"), say("Plays")), rows), "bars")


def _ranks(found: Entity) -> FigureView:
    ranked = [one for one in found.years if one.rank is not None]
    best = min(ranked, key=lambda one: one.rank or 0)
    most = max(one.rank or 0 for one in ranked)
    heights = [None if one.rank is None else most + 1 - one.rank for one in found.years]
    lit = next(place for place, one in enumerate(found.years) if one.year == best.year)
    labels = [(place, f"’{one.year % 100:02d}") for place, one in enumerate(found.years)]
    answer = say_html("Highest in <b>{year}</b>, as number {place} of the year.", year=best.year, place=number(best.rank or 0))
    chart = columns(
        heights,
        labels,
        say("Place by year, higher is better; the best is lit"),
        height=260,
        lit=lit,
        said=say("№ {place}", place=best.rank),
        unit=None,
    )
    rows = tuple((str(one.year), say("№ {place}", place=number(one.rank)) if one.rank else "–", number(one.plays)) for one in found.years)
    return FigureView("ranks", say("Which place had it?"), answer, chart, Table((say("Year"), say("Place"), say("Plays")), rows), "bars")


def _hours(found: Entity) -> FigureView:
    grid = [*found.heatmap[1:], found.heatmap[0]]
    most, day, at = max((plays, -day, -hour) for day, row in enumerate(grid) for hour, plays in enumerate(row))
    when = {"weekday": weekday(-day), "hour": hour(-at)}
    answer = say_many_html(
        most, "Most often on <b>{weekday} at {hour}</b>, {n} time.", "Most often on <b>{weekday} at {hour}</b>, {n} times.", **when
    )
    return week_figure(say("When?"), answer, say("Plays by weekday and hour; most on {weekday} at {hour}", **when), grid)


def _list(name: str, title: str, found: Sequence[Counted]) -> TopList:
    most = max(one.plays for one in found)
    items = tuple(
        ListItem(
            one.card.name,
            by(one.card),
            track_art(one.card),
            number(one.plays),
            None,
            bar(one.plays / most * 100),
            spotify("track", one.card.spotify_id),
            f"/track/{one.card.id}",
        )
        for one in found
    )
    return TopList(name, title, items)
