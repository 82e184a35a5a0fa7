"""`stats`, `top`, `gaps`: the API's answers on the command line."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Literal, TypeVar

from cyclopts import Parameter

from audiospective.bootstrap import Parts
from audiospective.cli.output import AsJson, answer
from audiospective.cli.session import somebody, with_parts
from audiospective.errors import Invalid
from audiospective.infra.database import Connection
from audiospective.insights.listening import Listening
from audiospective.reports import answers, ask, completeness
from audiospective.reports.answers import StatsAnswer, TopAlbums, TopArtists, TopTracks
from audiospective.reports.completeness import GapsAnswer

T = TypeVar("T")
Range = Annotated[str, Parameter(name="--range")]
Tops = TopTracks | TopArtists | TopAlbums

_TOPS: dict[str, Callable[[Connection, Listening, int], Awaitable[Tops]]] = {
    "tracks": answers.top_tracks,
    "artists": answers.top_artists,
    "albums": answers.top_albums,
}


def stats(*, user: str, spelling: Range = "all", as_json: AsJson = False) -> None:
    """Totals of a range: the object of `GET /api/stats`.

    Example: `audiospective stats --user mara --range 2024`

    Parameters
    ----------
    user
        Whose listening.
    spelling
        1d 7d 30d 90d 365d all, 2024, 2024-03 or 2024-01-01..2024-03-31.
    """

    async def work(_: Connection, listening: Listening) -> StatsAnswer:
        return answers.stats(listening)

    answer(_asked(user, spelling, work), as_json=as_json, text=_totals)


def top(
    what: Literal["tracks", "artists", "albums"], /, *, user: str, spelling: Range = "all", limit: int = 10, as_json: AsJson = False
) -> None:
    """What is played most: the object of `GET /api/top-…`.

    Example: `audiospective top artists --user mara --range 90d --limit 20`

    Parameters
    ----------
    what
        tracks, artists or albums.
    user
        Whose listening.
    spelling
        1d 7d 30d 90d 365d all, 2024, 2024-03 or 2024-01-01..2024-03-31.
    limit
        How many, 1 to 50.
    """
    if not 1 <= limit <= 50:
        raise Invalid(f"--limit is {limit}; it must be from 1 to 50.", field="--limit")

    async def work(conn: Connection, listening: Listening) -> Tops:
        return await _TOPS[what](conn, listening, limit)

    answer(_asked(user, spelling, work), as_json=as_json, text=_ranking)


def gaps(*, user: str, spelling: Range = "all", as_json: AsJson = False) -> None:
    """The completeness ledger: what is proven, and what is missing with its reason; the object of `GET /api/gaps`.

    Example: `audiospective gaps --user mara --range 2026`

    Parameters
    ----------
    user
        Whose archive.
    spelling
        1d 7d 30d 90d 365d all, 2024, 2024-03 or 2024-01-01..2024-03-31.
    """
    answer(_asked(user, spelling, completeness.gaps), as_json=as_json, text=_ledger)


def _asked(user: str, spelling: str, work: Callable[[Connection, Listening], Awaitable[T]]) -> T:
    async def run(parts: Parts) -> T:
        async with parts.db.reading() as conn:
            person = await somebody(conn, user)
            return await work(conn, await ask.listening(conn, parts.cache, person, spelling, parts.clock.now()))

    return with_parts(run)


def _totals(found: StatsAnswer) -> str:
    first = f"{found.first_play_at:%Y-%m-%d}" if found.first_play_at else "–"
    last = f"{found.last_play_at:%Y-%m-%d}" if found.last_play_at else "–"
    lines = (
        f"{found.total_plays:>12,} plays",
        f"{found.estimated_listening_hours:>12,.1f} hours",
        f"{found.unique_tracks:>12,} tracks",
        f"{found.unique_artists:>12,} artists",
        f"{found.unique_albums:>12,} albums",
        f"{first:>12} first play",
        f"{last:>12} last play",
    )
    return "\n".join(lines)


def _ledger(found: GapsAnswer) -> str:
    if found.begin is None or found.end is None:
        return "Nothing was heard or asked for in this range."
    head = f"{found.proven_percent} % proven from {found.begin:%Y-%m-%d %H:%M} to {found.end:%Y-%m-%d %H:%M} UTC"
    if not found.gaps:
        return f"{head}. Nothing is missing."
    lines = [
        f"  {gap.begin:%Y-%m-%d %H:%M} to {gap.end:%Y-%m-%d %H:%M}  about {gap.likely_lost:,} plays  {gap.sentence}" for gap in found.gaps
    ]
    lost = f"about {found.likely_lost:,} plays are missing" if found.likely_lost else "how many plays are missing isn't known"
    return "\n".join([f"{head}; {lost}:", *lines])


def _ranking(found: Tops) -> str:
    if isinstance(found, TopTracks):
        rows = [(one.play_count, f"{one.track.name} – {', '.join(artist.name for artist in one.track.artists)}") for one in found.tracks]
    elif isinstance(found, TopArtists):
        rows = [(one.play_count, one.artist.name) for one in found.artists]
    else:
        rows = [(one.play_count, f"{one.album.name} – {', '.join(artist.name for artist in one.album.artists)}") for one in found.albums]
    return "\n".join(f"{place:>3}. {plays:>8,}  {name}" for place, (plays, name) in enumerate(rows, start=1)) or "No plays in this range."
