"""Lists of a story: what moved, what is new, what opened an evening, whose tracks are skipped."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from audiospective.infra.language import say
from audiospective.insights.top import By
from audiospective.insights.zones import Zone
from audiospective.reports.answers import TrackAnswer
from audiospective.reports.chapter_answers import ArtistSkipsAnswer, MovedAnswer, MovementAnswer, Named
from audiospective.reports.insights import InsightsAnswer
from audiospective.reports.story import Story
from audiospective.web.charts.bars import bar
from audiospective.web.charts.sleeve import sleeve
from audiospective.web.views.lists import Art, ListItem, TopList, spotify
from audiospective.web.views.words import Delta, country, hours_and_minutes, long_day, minutes, number, percent, short_day, signed, span

_QUARTERS, _PLACES = 4, 6


def tops_of(told: Story) -> tuple[TopList, ...]:
    """The most played, each beside the period before; genres where any are known."""
    named = (
        ("tracks", say("Top tracks"), told.tops.tracks),
        ("artists", say("Top artists"), told.tops.artists),
        ("albums", say("Top albums"), told.tops.albums),
        ("genres", say("Top genres"), told.tops.genres),
    )
    return tuple(_top(kind, title, found, told.by) for kind, title, found in named if found.now)


def _top(kind: str, title: str, found: MovementAnswer, by: By) -> TopList:
    way = by if kind != "genres" else By.PLAYS
    most = found.now[0].amount
    items = tuple(_moved(kind.removesuffix("s"), one, found.compared, way, most) for one in found.now)
    return TopList(kind, title, items, is_round=kind == "artists", unit="" if way is By.TIME else None)


def _moved(kind: str, one: MovedAnswer, compared: bool, by: By, most: int) -> ListItem:
    before = say("was number {place}", place=number(one.place_before)) if one.place_before and one.change else ""
    said = number(one.amount) if by is By.PLAYS else hours_and_minutes(one.amount)
    return ListItem(
        name=one.what.name,
        by=" · ".join(part for part in (one.what.by, before) if part),
        art=art(one.what, kind),
        plays=said,
        delta=_delta(one, by) if compared else None,
        bar=bar(one.amount / max(most, 1) * 100),
        link=spotify(kind, one.what.spotify_id) if kind != "genre" else None,
        href=f"/{kind}/{one.what.id}" if one.what.id else "",
    )


def _delta(one: MovedAnswer, by: By) -> Delta:
    if one.place_before is None:
        return signed(None)
    change = one.amount - one.amount_before
    return signed(change) if by is By.PLAYS else signed(round(change / 60_000), minutes)


def art(what: Named, kind: str) -> Art:
    """Its cover, where one is held, else a drawn sleeve; tracks have their album's on their own page."""
    held = what.image_url and kind in {"artist", "album"} and what.id
    return Art(f"/cover/{kind}/{what.id}" if held else None, sleeve((what.id or len(what.name)) + (7 if kind == "artist" else 0)))


def new_list(told: Story, zone: Zone) -> TopList | None:
    """Artists that the range brought, the latest first."""
    found = told.new_artists.firsts
    if not found:
        return None
    most = max(one.play_count for one in found)
    items = tuple(
        ListItem(
            one.what.name,
            say("since {day}", day=long_day(zone.local(one.first_play_at).date())),
            art(one.what, "artist"),
            number(one.play_count),
            None,
            bar(one.play_count / most * 100),
            spotify("artist", one.what.spotify_id),
            f"/artist/{one.what.id}",
        )
        for one in found
    )
    return TopList("new-artists", say("Met last"), items, is_round=True)


def gone_list(told: Story) -> TopList | None:
    """Artists at the top of the period before, and not heard in this one."""
    found = told.tops.artists.gone
    if not found:
        return None
    most = max(one.amount_before for one in found)
    items = tuple(
        ListItem(
            one.what.name,
            say("was number {place}", place=number(one.place_before or 0)),
            art(one.what, "artist"),
            number(one.amount_before) if told.by is By.PLAYS else hours_and_minutes(one.amount_before),
            None,
            bar(one.amount_before / most * 100),
            spotify("artist", one.what.spotify_id),
            f"/artist/{one.what.id}",
        )
        for one in found
    )
    return TopList("gone", say("Not heard any more"), items, is_round=True, unit="" if told.by is By.TIME else None)


def run_list(told: Story) -> TopList | None:
    """The longest runs of days with music; None without one of two days."""
    runs = [one for one in told.runs.runs if one.days > 1 and one.start_date and one.end_date]
    if not runs:
        return None
    items = tuple(
        ListItem(
            span(one.start_date, one.end_date) if one.start_date and one.end_date else "",
            "",
            Art(None, Markup("")),
            number(one.days),
            None,
            bar(one.days / runs[0].days * 100),
            None,
            f"/history?until={one.end_date}",
        )
        for one in runs
    )
    return TopList("runs", say("Longest runs of days"), items, is_plain=True, unit=say("days"))


def place_list(told: Story, kind: str) -> TopList | None:
    """Devices or countries, most played first; None where no source tells."""
    found, of = (
        (told.places.devices, told.places.devices_told) if kind == "devices" else (told.places.countries, told.places.countries_told)
    )
    if not found:
        return None
    items = tuple(
        ListItem(
            country(one.name) if kind == "countries" else one.name,
            say("{share} of what is known", share=percent(round(one.plays / of * 100))),
            Art(None, Markup("")),
            number(one.plays),
            None,
            bar(one.plays / found[0].plays * 100),
            None,
        )
        for one in found[:_PLACES]
    )
    return TopList(kind, say("On what") if kind == "devices" else say("In which countries"), items, is_plain=True)


def season_list(told: Story, names: Sequence[str]) -> TopList | None:
    """Who belongs to which season; `names` are the months' short names."""
    found = [one for one in told.seasons.seasons if one.artist is not None]
    if len([one for one in told.seasons.seasons if one.plays]) < _QUARTERS or not found:
        return None
    most = max(one.artist_percentage for one in found)
    items = tuple(
        ListItem(
            one.artist.what.name,
            say("{first} to {last}", first=names[one.months[0] - 1], last=names[one.months[2] - 1]),
            art(one.artist.what, "artist"),
            percent(round(one.artist_percentage)),
            None,
            bar(one.artist_percentage / max(most, 1) * 100),
            spotify("artist", one.artist.what.spotify_id),
            f"/artist/{one.artist.what.id}",
        )
        for one in found
        if one.artist is not None
    )
    return TopList("seasons", say("Who belongs to which season"), items, is_round=True, unit=say("of all their plays"))


def skip_lists(told: Story) -> tuple[TopList, ...]:
    """Whose tracks are skipped most, and whose least; of somebody who skips nothing neither can be said."""
    most = [one for one in told.skips.most if one.skipped]
    named = (("skipped", say("Most skipped"), most), ("finished", say("Least skipped"), told.skips.least if most else []))
    return tuple(
        TopList(name, title, tuple(map(_skipped, found)), is_round=True, unit=say("skipped")) for name, title, found in named if found
    )


def _skipped(one: ArtistSkipsAnswer) -> ListItem:
    said = say("{share} of a track heard", share=percent(round(one.completion))) if one.completion is not None else ""
    rate = percent(round(one.rate))
    return ListItem(
        one.what.name,
        said,
        art(one.what, "artist"),
        rate,
        None,
        bar(one.rate),
        spotify("artist", one.what.spotify_id),
        f"/artist/{one.what.id}",
    )


def spoken_lists(told: Story, zone: Zone) -> tuple[TopList, ...]:
    """Podcasts and audiobooks: shows, and what was heard last."""
    found = told.spoken
    if not found.total_plays:
        return ()
    most = max((one.plays for one in found.shows), default=1)
    shows = tuple(
        ListItem(one.what.name, "", art(one.what, "artist"), number(one.plays), None, bar(one.plays / most * 100), None)
        for one in found.shows
    )
    latest = tuple(
        ListItem(
            one.what.name,
            one.what.by,
            art(one.what, "track"),
            short_day(zone.local(one.played_at).date()),
            None,
            Markup(""),
            spotify("episode", one.what.spotify_id),
        )
        for one in found.latest
    )
    return (TopList("shows", say("Podcasts and audiobooks"), shows), TopList("episodes", say("Episodes heard last"), latest, unit=""))


def own_lists(found: InsightsAnswer) -> tuple[TopList, ...]:
    """What opened sessions and evenings, what ran on repeat, what is forgotten."""
    openers, evenings = (
        [(one.track, one.sessions, _by(one.track)) for one in those] for those in (found.sessions.openers, found.sessions.evening_openers)
    )
    loops = [(one.track, one.plays, say("week of {day}", day=long_day(one.week))) for one in found.obsessions]
    lost = [(one.track, one.plays, say("last on {day}", day=long_day(one.last_at.date()))) for one in found.forgotten]
    named = (
        ("openers", say("What opens a session"), openers),
        ("evenings", say("What opens an evening"), evenings),
        ("loops", say("On repeat"), loops),
        ("lost", say("Loved, and forgotten"), lost),
    )
    return tuple(TopList(name, title, _items(rows)) for name, title, rows in named if rows)


def _items(rows: Sequence[tuple[TrackAnswer, int, str]]) -> tuple[ListItem, ...]:
    most = max(count for _, count, _ in rows)
    return tuple(
        ListItem(
            one.name,
            said,
            Art(None, sleeve(one.id)),
            number(count),
            None,
            bar(count / most * 100),
            spotify("track", one.spotify_id),
            f"/track/{one.id}",
        )
        for one, count, said in rows
    )


def _by(one: TrackAnswer) -> str:
    return ", ".join(artist.name for artist in one.artists)
