"""Being told things: the ways that somebody has chosen, and the page of a week or month."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from audiospective.accounts import ways
from audiospective.accounts.ways import Topic, Way
from audiospective.archive.catalog import ArtistCard
from audiospective.infra.language import mark, say
from audiospective.infra.sealing import Sealer
from audiospective.reports.digest import Digest, Named
from audiospective.reports.letters import how_much
from audiospective.web.charts.bars import bar
from audiospective.web.views.deck import Deck
from audiospective.web.views.lists import ListItem, TopList, artist_art, spotify, track_art
from audiospective.web.views.words import hours_and_minutes, number, span

_KINDS = {"mail": mark("Mail"), "webhook": mark("Hook of your own"), "ntfy": "ntfy", "gotify": "Gotify"}
_TOPICS = {
    Topic.TROUBLE: mark("Collecting has stopped, or will soon"),
    Topic.COPIES: mark("A copy of my archive doesn’t arrive"),
    Topic.WEEKLY: mark("My week, on Mondays"),
    Topic.MONTHLY: mark("My month, on its first day"),
}


class WayView(msgspec.Struct, frozen=True):
    """A way that somebody has chosen."""

    id: int
    kind: str
    where: str
    topics: tuple[str, ...]
    waits: bool


class NoticesView(msgspec.Struct, frozen=True):
    """The page; `key` signs a hook's messages and is shown this once."""

    deck: Deck
    ways: tuple[WayView, ...]
    kinds: tuple[tuple[str, str], ...]
    topics: tuple[tuple[str, str], ...]
    has_mail: bool
    said: str
    key: str


class UnsubscribeView(msgspec.Struct, frozen=True):
    """What a letter's link shows; `token` posts the same again, "" when it is done or was no link of ours."""

    title: str
    note: str
    token: str


class DigestView(msgspec.Struct, frozen=True):
    """A week or month in a few lines."""

    deck: Deck
    days: str
    sentence: str
    stats: tuple[tuple[str, str], ...]
    lists: tuple[TopList, ...]
    spelling: str


def notices_view(sealer: Sealer, deck: Deck, own: Sequence[Way], *, has_mail: bool, said: str = "", key: str = "") -> NoticesView:
    """The page for one person."""
    rows = tuple(
        WayView(
            one.id,
            say(_KINDS[one.kind]),
            ways.shown(sealer, one),
            tuple(say(_TOPICS[topic]) for topic in Topic if topic.value in one.wants),
            one.confirmed_at is None,
        )
        for one in own
    )
    kinds = tuple((kind, say(name)) for kind, name in _KINDS.items() if has_mail or kind != "mail")
    topics = tuple((topic.value, say(words)) for topic, words in _TOPICS.items())
    return NoticesView(deck, rows, kinds, topics, has_mail, said, key)


def digest_view(deck: Deck, told: Digest, spelling: str) -> DigestView:
    """The page of a digest."""
    return DigestView(
        deck=deck,
        days=span(told.first, told.last),
        sentence=how_much(told),
        stats=(
            (say("Plays"), number(told.plays)),
            (say("Time heard"), hours_and_minutes(told.listened_ms)),
            (say("Tracks"), number(told.tracks)),
            (say("New to you"), number(told.new_tracks)),
        ),
        lists=(
            TopList("tracks", say("Most played tracks"), _items(told.top_tracks)),
            TopList("artists", say("Most played artists"), _items(told.top_artists), is_round=True),
        ),
        spelling=spelling,
    )


def _items(rows: Sequence[Named]) -> tuple[ListItem, ...]:
    return tuple(_item(one, rows[0].plays) for one in rows)


def _item(one: Named, most: int) -> ListItem:
    drawn = bar(one.plays / max(most, 1) * 100)
    if isinstance(one.card, ArtistCard):
        link, art = spotify("artist", one.card.spotify_id), artist_art(one.card)
        return ListItem(one.name, one.by, art, number(one.plays), None, drawn, link, f"/artist/{one.card.id}")
    link, art = spotify("track", one.card.spotify_id), track_art(one.card)
    return ListItem(one.name, one.by, art, number(one.plays), None, drawn, link, f"/track/{one.card.id}")
