"""What letters and hooks say: a digest, plain and pretty, and news of trouble. Nothing in them is loaded from anywhere.

They are said in the language that is spoken; whoever leaves one for somebody speaks theirs (accounts/ways.py `Way.tongue`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from audiospective.infra.language import number, say, say_many, spoken
from audiospective.infra.retelling import retold
from audiospective.infra.templates import templates_in
from audiospective.infra.written import percent, span
from audiospective.reports.digest import Digest, Named

if TYPE_CHECKING:
    from jinja2 import Template


class Letter(msgspec.Struct, frozen=True):
    """Subject, text, and the same as HTML ("" for none)."""

    subject: str
    text: str
    rich: str = ""


def of_digest(told: Digest, address: str, leave: str) -> Letter:
    """The digest as a letter; `address` is its page, `leave` where one click ends these letters."""
    days = span(told.first, told.last)
    subject = say_many(told.plays, "{n} play, {days}", "{n} plays, {days}", days=days)
    said = (how_much(told), *_amounts(told))
    tracks, artists = _lines(told.top_tracks), _lines(told.top_artists)
    ways_on = [say("The same as a page: {address}", address=address), say("No more of these letters: {address}", address=leave)]
    lists = [say("Most played tracks"), *tracks, "", say("Most played artists"), *artists, ""]
    text = "\n".join([*said, "", *lists, *ways_on])
    rich = _template().render(told=told, subject=subject, days=days, said=said, address=address, leave=leave, lang=spoken())
    return Letter(subject, text, rich)


def how_much(told: Digest) -> str:
    """How much was played, and against the days before."""
    if told.before is None:
        return say_many(told.plays, "You played {n} track.", "You played {n} tracks.")
    change = round((told.plays - told.before) / told.before * 100)
    share = percent(abs(change))
    if change > 0:
        return say_many(
            told.plays,
            "You played {n} track, {share} more than before.",
            "You played {n} tracks, {share} more than before.",
            share=share,
        )
    if change < 0:
        return say_many(
            told.plays,
            "You played {n} track, {share} less than before.",
            "You played {n} tracks, {share} less than before.",
            share=share,
        )
    return say_many(told.plays, "You played {n} track, as many as before.", "You played {n} tracks, as many as before.")


def of_copies(outcome: str, app_url: str) -> Letter:
    """Copies of the archive don't arrive."""
    way = say("It is tried again. Change where copies go: {address}", address=f"{app_url}/export#by-itself")
    return Letter(say("A copy of your archive doesn’t arrive"), f"{retold(outcome)}\n{way}")


def of_first(app_url: str, confirm: str) -> Letter:
    """Whoever gets this may say that they want more."""
    said = say(
        "Somebody, you we hope, gave this address at an instance of Audiospective to be told things. If it was you, open this address:"
    )
    nothing = say("If it wasn’t, do nothing: nothing more will be sent.")
    return Letter(say("Is this your address?"), f"{said}\n{app_url}/notices/confirm/{confirm}\n\n{nothing}")


def _amounts(told: Digest) -> tuple[str, str, str]:
    hours = round(told.listened_ms / 3_600_000)
    return (
        say_many(hours, "That is {n} hour of listening.", "That is {n} hours of listening."),
        say_many(told.artists, "You heard {n} artist.", "You heard {n} artists."),
        say_many(told.new_tracks, "{n} track was new to you.", "{n} tracks were new to you."),
    )


def _lines(rows: Sequence[Named]) -> list[str]:
    return [f"{place}. {one.name}{f' ({one.by})' if one.by else ''}: {number(one.plays)}" for place, one in enumerate(rows, start=1)]


@cache
def _template() -> Template:
    environment = templates_in(Path(__file__).parent)
    environment.filters["number"] = number
    return environment.get_template("digest_letter.html")
