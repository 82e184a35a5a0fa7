"""The page of a reading copy: numbers, charts and lists drawn into it, and a script that searches every play."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
from jinja2 import Environment
from markupsafe import Markup

from audiospective.archive import catalog
from audiospective.export.plays import Rows
from audiospective.infra.database import Connection
from audiospective.infra.language import number, spoken
from audiospective.infra.templates import templates_in
from audiospective.infra.written import long_day
from audiospective.insights import activity, top
from audiospective.insights.listening import Listening
from audiospective.insights.stats import Stats, moment, stats
from audiospective.insights.trends import Interval, trends

_FOLDER = Path(__file__).parent / "reading"
_SHOWN = 50


class Month(msgspec.Struct, frozen=True):
    """A bar: its month, plays, and height in percent of the highest."""

    name: str
    plays: int
    percent: float


class Named(msgspec.Struct, frozen=True):
    """A row of a list."""

    name: str
    by: str
    plays: int


class Year(msgspec.Struct, frozen=True):
    """A row of the table of years."""

    year: int
    plays: int
    tracks: int
    hours: int


class Hours(msgspec.Struct, frozen=True):
    """A weekday, in whole and in short: plays of each hour with their shade from 0 to 5."""

    day: str
    short: str
    cells: tuple[tuple[int, int], ...]


class View(msgspec.Struct, frozen=True):
    """What the page shows; `rows` are all plays, skips too, `numbers` what counts of them."""

    first: date | None
    last: date | None
    made_on: date
    zone: str
    rows: int
    numbers: Stats
    hours: int
    months: tuple[Month, ...]
    years: tuple[Year, ...]
    week: tuple[Hours, ...]
    tracks: tuple[Named, ...]
    artists: tuple[Named, ...]
    albums: tuple[Named, ...]


async def page(conn: Connection, listening: Listening, shards: Sequence[str], rows: Rows) -> str:
    """The page in the language that is spoken, with the scripts that bring its data; `rows` are those of the history that are copied."""
    view = await _view(conn, listening, rows)
    parts = {"style": _ours("style.css"), "script": _ours("script.js"), "shards": shards}
    return _environment().get_template("page.html").render(view=view, tongue=spoken(), **parts)


@cache
def _environment() -> Environment:
    environment = templates_in(_FOLDER)
    environment.filters |= {"number": number, "long_day": long_day}
    return environment


def _ours(name: str) -> Markup:
    return Markup((_FOLDER / name).read_text("utf-8"))  # noqa: S704 (our own files)


async def _view(conn: Connection, listening: Listening, rows: Rows) -> View:
    found, zone = stats(listening), listening.zone
    months = trends(listening, Interval.MONTH)
    ended_at = listening.history.ended_at
    return View(
        first=zone.local(moment(ended_at[rows[0]])).date() if len(rows) else None,
        last=zone.local(moment(ended_at[rows[-1]])).date() if len(rows) else None,
        made_on=zone.today(listening.now),
        zone=zone.current,
        rows=len(rows),
        numbers=found,
        hours=round(found.listened_ms / 3_600_000),
        months=_bars([(f"{bucket.start:%Y-%m}", bucket.plays) for bucket in months]),
        years=_years(listening),
        week=_week(listening),
        tracks=await _tracks(conn, listening),
        artists=await _artists(conn, listening),
        albums=await _albums(conn, listening),
    )


def _bars(months: Sequence[tuple[str, int]]) -> tuple[Month, ...]:
    most = max((plays for _, plays in months), default=0) or 1
    return tuple(Month(name, plays, round(plays / most * 100, 2)) for name, plays in months)


def _years(listening: Listening) -> tuple[Year, ...]:
    years = listening.day.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int32) + np.int32(1970)
    found = []
    for year in np.unique(years)[::-1].tolist():
        mine = np.flatnonzero(years == year)
        tracks, ms = np.unique(listening.track[mine]), int(listening.ms[mine].sum(dtype=np.int64))
        found.append(Year(year, len(mine), len(tracks), round(ms / 3_600_000)))
    return tuple(found)


def _week(listening: Listening) -> tuple[Hours, ...]:
    grid = activity.activity(listening).heatmap
    monday_first = [*grid[1:], grid[0]]
    most = max(max(row) for row in monday_first) or 1
    days = spoken().locale.days
    whole, short = days["format"]["wide"], days["stand-alone"]["abbreviated"]
    return tuple(
        Hours(str(whole[day]), str(short[day]), tuple((plays, -(-plays * 5 // most)) for plays in row))
        for day, row in enumerate(monday_first)
    )


async def _tracks(conn: Connection, listening: Listening) -> tuple[Named, ...]:
    ranked = top.tracks(listening, _SHOWN)
    cards = await catalog.tracks(conn, (one.id for one in ranked))
    return tuple(Named(cards[one.id].name, ", ".join(artist.name for artist in cards[one.id].artists), one.plays) for one in ranked)


async def _artists(conn: Connection, listening: Listening) -> tuple[Named, ...]:
    ranked = top.artists(listening, _SHOWN)
    cards = await catalog.artists(conn, (one.id for one in ranked))
    return tuple(Named(cards[one.id].name, "", one.plays) for one in ranked)


async def _albums(conn: Connection, listening: Listening) -> tuple[Named, ...]:
    ranked = top.albums(listening, _SHOWN)
    cards = await catalog.albums(conn, (one.id for one in ranked))
    return tuple(Named(cards[one.id].name, cards[one.id].artist.name, one.plays) for one in ranked)
