"""What the rooms below say in English, told again by infra/retelling.py in the language that is spoken."""

from __future__ import annotations

from typing import Final

from audiospective.infra.language import mark
from audiospective.infra.retelling import retold

__all__ = ["retold"]

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
