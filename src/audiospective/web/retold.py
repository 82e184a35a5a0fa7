"""What the rooms below say in English, told again in the language that is spoken: errors, and reasons that were stored with a row.

A message that was made of values is recognised by the text between them; what isn't known stays as it is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from audiospective.infra.language import catalogue, gettext, mark, spoken

_HOLE: Final = re.compile(r"\{(\w+)\}")
#: What stands deeper in the rooms than scripts/catalogues.py looks.
MARKED: Final = (
    mark("`{field}` isn't a time like {example}"),
    mark("`{field}` lies before Spotify existed"),
    mark("`{field}` lies in the future"),
    mark("`{field}` isn't a possible length"),
    mark("Redirect address"),
    mark("Seats"),
    mark("Premium"),
    mark("1 person"),
    mark("artist"),
    mark("album"),
    mark("track"),
    mark("title"),
    mark("description"),
    mark("it names neither a track nor an episode nor a chapter"),
    mark("The folder can't be written ({reason})."),
    mark("{message} Your archive tries again by itself."),
    mark("Your hourly sweep is under way just now; look again in a minute."),
    mark(
        "Give the zip as Spotify sent it, or its files: Streaming_History_Audio_….json, endsong_….json or StreamingHistory….json; "
        "or an export of Last.fm (CSV, JSON), ListenBrainz, Maloja, Koito, your_spotify or Audiospective."
    ),
    mark("{name} is empty. {wanted}"),
    mark("{name} holds nothing but blank space. {wanted}"),
    mark("{name} is a PDF, not the history itself. {wanted}"),
    mark("{name} is a web page, not the history itself. {wanted}"),
    mark("{name} is JSON, but not a streaming history that is known here. {wanted}"),
    mark("{name} isn't a streaming history. {wanted}"),
)
#: With less text between its values a pattern would fit too much.
_LEAST_TEXT: Final = 10
#: Values are told again too, since some are sentences; not for ever.
_DEEPEST: Final = 2


def retold(said: str, _depth: int = 0) -> str:
    """`said`, or what it means in this language."""
    told = gettext(said)
    if told != said or _depth > _DEEPEST or not said:
        return told
    for pattern, text in _patterns(spoken().spoken_there):
        if found := pattern.fullmatch(said):
            return text.format(**{name: retold(value, _depth + 1) for name, value in found.groupdict().items()})
    return said


@lru_cache(maxsize=8)
def _patterns(spoken_there: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Messages with values, the most telling first."""
    told = catalogue(spoken_there)
    own = {text: len(_HOLE.sub("", text)) for text in told if _HOLE.search(text)}
    known = sorted((text for text in own if own[text] >= _LEAST_TEXT), key=lambda text: -own[text])
    return tuple((re.compile(_HOLE.sub(r"(?P<\1>.+?)", _escaped(text)), re.DOTALL), told[text]) for text in known)


def _escaped(text: str) -> str:
    """As a pattern, but for its holes."""
    return re.sub(r"\\\{(\w+)\\\}", r"{\1}", re.escape(text))
