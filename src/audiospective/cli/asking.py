"""`ask`: our own questions on the command line, each the object of `GET /api/analytics/…`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

import msgspec
from cyclopts import Parameter

from audiospective.bootstrap import Parts
from audiospective.cli.output import AsJson, answer
from audiospective.cli.session import somebody, with_parts
from audiospective.infra.database import Connection
from audiospective.insights.listening import Listening
from audiospective.reports import answers, chapters, genres
from audiospective.reports import ask as asking
from audiospective.reports.answers import Answer
from audiospective.reports.chapter_answers import Of

Range = Annotated[str, Parameter(name="--range")]
Question = Literal[
    "eras",
    "seasons",
    "cohorts",
    "decades",
    "places",
    "calendar",
    "firsts",
    "movement",
    "taste",
    "favourites",
    "runs",
    "skips",
    "spoken",
    "streaks",
    "discovery",
    "diversity",
    "activity",
]
#: What the API gives where nobody says how many.
_LIMIT = 10


def ask(question: Question, /, *, user: str, spelling: Range = "all", of: Of = Of.ARTISTS, as_json: AsJson = False) -> None:
    """One of our own questions: the object of `GET /api/analytics/…`.

    Example: `audiospective ask eras --user mara`, `audiospective ask movement --of genres --user mara --range 2024`

    Parameters
    ----------
    question
        What is asked.
    user
        Whose listening.
    spelling
        1d 7d 30d 90d 365d all, 2024, 2024-03 or 2024-01-01..2024-03-31.
    of
        Of what firsts and movement are asked: tracks, artists, albums or genres.
    """

    async def run(parts: Parts) -> Answer:
        async with parts.db.reading() as conn:
            person = await somebody(conn, user)
            listening = await asking.listening(conn, parts.cache, person, spelling, parts.clock.now())
            if question in _AT_ONCE:
                return _AT_ONCE[question](listening)
            return await _ASKED[question](conn, listening, of)

    answer(with_parts(run), as_json=as_json, text=_lines)


_AT_ONCE: dict[str, Callable[[Listening], Answer]] = {
    "cohorts": chapters.cohorts,
    "calendar": chapters.calendar,
    "favourites": chapters.favourites,
    "runs": lambda listening: chapters.runs(listening, _LIMIT),
    "streaks": answers.streaks,
    "discovery": answers.discovery,
    "activity": answers.activity,
}
_ASKED: dict[str, Callable[[Connection, Listening, Of], Awaitable[Answer]]] = {
    "eras": lambda conn, listening, _: chapters.eras(conn, listening),
    "seasons": lambda conn, listening, _: chapters.seasons(conn, listening),
    "decades": lambda conn, listening, _: chapters.decades(conn, listening),
    "places": lambda conn, listening, _: chapters.places(conn, listening),
    "taste": lambda conn, listening, _: chapters.taste(conn, listening),
    "diversity": lambda conn, listening, _: genres.diversity(conn, listening),
    "spoken": lambda conn, listening, _: chapters.spoken(conn, listening),
    "skips": lambda conn, listening, _: chapters.skips(conn, listening, _LIMIT),
    "firsts": lambda conn, listening, of: chapters.firsts(conn, listening, of, _LIMIT),
    "movement": lambda conn, listening, of: chapters.movement(conn, listening, of, _LIMIT),
}


def _lines(found: Answer) -> str:
    """A line for each fact; a list has a line for each of its rows."""
    lines: list[str] = []
    for name, value in msgspec.to_builtins(found).items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            lines += [f"{name}:", *(f"  {_row(one)}" for one in value)]
        else:
            lines.append(f"{name}: {_said(value)}")
    return "\n".join(lines)


def _row(row: dict[str, object]) -> str:
    return "  ".join(f"{name} {_said(value)}" for name, value in row.items() if value is not None)


def _said(value: object) -> str:
    """A name for what has one; parts of a list apart."""
    if isinstance(value, dict):
        named = value.get("what", value)
        if isinstance(named, dict) and "name" in named:
            return f"{named['name']}" + (f" ({value['plays']:,})" if "plays" in value else "")
        return " ".join(f"{name}: {_said(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(_said, value))
    return "–" if value is None else f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
