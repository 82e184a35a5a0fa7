"""What letters and hooks say: a digest, plain and pretty, and news of trouble. Nothing in them is loaded from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from audiospective.reports.digest import Digest, Named


@dataclass(frozen=True, slots=True)
class Letter:
    """Subject, text, and the same as HTML ("" for none)."""

    subject: str
    text: str
    rich: str = ""


def of_digest(told: Digest, address: str, leave: str) -> Letter:
    """The digest as a letter; `address` is its page, `leave` where one click ends these letters."""
    days, hours = _span(told.first, told.last), round(told.listened_ms / 3_600_000)
    subject = f"{told.plays:,} plays, {days}"
    said = f"You played {told.plays:,} tracks in {hours:,} hours, of {told.artists:,} artists.{_change(told)}"
    new = f"{told.new_tracks:,} tracks were new to you."
    tracks, artists = _lines(told.top_tracks), _lines(told.top_artists)
    ways_on = [f"The same as a page: {address}", f"No more of these letters: {leave}"]
    text = "\n".join([said, new, "", "Most played tracks", *tracks, "", "Most played artists", *artists, "", *ways_on])
    rich = _template().render(told=told, subject=subject, days=days, said=said, new=new, address=address, leave=leave)
    return Letter(subject, text, rich)


def of_copies(outcome: str, app_url: str) -> Letter:
    """Copies of the archive don't arrive."""
    way = f"Change where copies go: {app_url}/export#by-itself"
    return Letter("A copy of your archive doesn’t arrive", f"{outcome}\nIt is tried again. {way}")


def of_first(app_url: str, confirm: str) -> Letter:
    """Whoever gets this may say that they want more."""
    said = "Somebody, you we hope, gave this address at an instance of Audiospective to be told things. If it was you, open this address:"
    way = f"{app_url}/notices/confirm/{confirm}"
    return Letter("Is this your address?", f"{said}\n{way}\n\nIf it wasn’t, do nothing: nothing more will be sent.")


def _lines(rows: Sequence[Named]) -> list[str]:
    return [f"{place}. {one.name}{f' ({one.by})' if one.by else ''}: {one.plays:,}" for place, one in enumerate(rows, start=1)]


@cache
def _template() -> Template:
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["number"] = "{:,}".format
    return environment.get_template("digest_letter.html")


def _change(told: Digest) -> str:
    if told.before is None:
        return ""
    change = round((told.plays - told.before) / told.before * 100)
    return f" That is {abs(change):,} % {'more' if change >= 0 else 'less'} than before." if change else " That is as much as before."


def _span(first: date, last: date) -> str:
    return f"{first:%-d %B} to {last:%-d %B %Y}" if first.year == last.year else f"{first:%-d %B %Y} to {last:%-d %B %Y}"
