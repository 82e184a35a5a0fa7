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
    mark("This isn't an address that can be called from here; it begins with https:// and names a host."),
    mark("This address leads to this machine or its network; only public hosts are called, on port 443 or 8443."),
    mark("The store can't be reached ({kind})."),
    mark("The store answered {status}: the key may not write there."),
    mark("The store answered {status}: there is no such bucket."),
    mark("The store answered {status}: the bucket is in another region."),
    mark("The store answered {status}."),
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
