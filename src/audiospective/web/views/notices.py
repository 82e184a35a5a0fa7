"""Being told things: the ways that somebody has chosen, and the page of a week or month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audiospective.accounts import ways
from audiospective.accounts.ways import Topic, Way
from audiospective.infra.sealing import Sealer
from audiospective.reports.digest import Digest
from audiospective.web.views.deck import Deck
from audiospective.web.views.words import counted, hours_and_minutes, number, span

KINDS = {"mail": "Mail", "webhook": "Hook of your own", "ntfy": "ntfy", "gotify": "Gotify"}
TOPICS = {
    Topic.TROUBLE: "Collecting has stopped, or will soon",
    Topic.COPIES: "A copy of my archive doesn’t arrive",
    Topic.WEEKLY: "My week, on Mondays",
    Topic.MONTHLY: "My month, on its first day",
}


@dataclass(frozen=True, slots=True)
class WayView:
    """A way that somebody has chosen."""

    id: int
    kind: str
    where: str
    topics: tuple[str, ...]
    waits: bool


@dataclass(frozen=True, slots=True)
class NoticesView:
    """The page; `key` signs a hook's messages and is shown this once."""

    deck: Deck
    ways: tuple[WayView, ...]
    kinds: tuple[tuple[str, str], ...]
    topics: tuple[tuple[str, str], ...]
    has_mail: bool
    said: str
    key: str


@dataclass(frozen=True, slots=True)
class UnsubscribeView:
    """What a letter's link shows; `token` posts the same again, "" when it is done or was no link of ours."""

    title: str
    note: str
    token: str


@dataclass(frozen=True, slots=True)
class DigestView:
    """A week or month in a few lines."""

    deck: Deck
    days: str
    sentence: str
    stats: tuple[tuple[str, str], ...]
    lists: tuple[tuple[str, str, tuple[tuple[str, str, str], ...]], ...]
    spelling: str


def notices_view(sealer: Sealer, deck: Deck, own: Sequence[Way], *, has_mail: bool, said: str = "", key: str = "") -> NoticesView:
    """The page for one person."""
    rows = tuple(
        WayView(
            one.id,
            KINDS[one.kind],
            ways.shown(sealer, one),
            tuple(TOPICS[topic] for topic in Topic if topic.value in one.wants),
            one.confirmed_at is None,
        )
        for one in own
    )
    kinds = tuple((kind, name) for kind, name in KINDS.items() if has_mail or kind != "mail")
    return NoticesView(deck, rows, kinds, tuple((topic.value, words) for topic, words in TOPICS.items()), has_mail, said, key)


def digest_view(deck: Deck, told: Digest, spelling: str) -> DigestView:
    """The page of a digest."""
    change = ""
    if told.before is not None:
        percent = round((told.plays - told.before) / told.before * 100)
        change = f", {abs(percent)} % {'more' if percent >= 0 else 'less'} than before" if percent else ", as many as before"
    lists = (("tracks", "Most played tracks", told.top_tracks), ("artists", "Most played artists", told.top_artists))
    return DigestView(
        deck=deck,
        days=span(told.first, told.last),
        sentence=f"You played {counted(told.plays, 'track', 'tracks')}{change}.",
        stats=(
            ("Plays", number(told.plays)),
            ("Time heard", hours_and_minutes(told.listened_ms)),
            ("Tracks", number(told.tracks)),
            ("New to you", number(told.new_tracks)),
        ),
        lists=tuple((id_, title, tuple((one.name, one.by, number(one.plays)) for one in rows)) for id_, title, rows in lists),
        spelling=spelling,
    )
