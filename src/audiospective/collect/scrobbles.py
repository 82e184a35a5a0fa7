"""Listens that a scrobbler submits, in ListenBrainz's words (https://listenbrainz.readthedocs.io/en/latest/users/json.html).

`listened_at` is when the listening began. A submission is stored whole or not at all; the same one again adds nothing.
"""

from __future__ import annotations

import contextlib
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec

from audiospective.archive.ingest import store
from audiospective.archive.plays import Batch, Listens, Source, Stored, UserId
from audiospective.collect.imports.jsonrows import whole_letters
from audiospective.collect.imports.listenbrainz import Row, scrobble
from audiospective.collect.imports.scrobbled import parsed
from audiospective.errors import Invalid, TooLarge
from audiospective.infra.database import Connection

#: What the service that others imitate takes in one call.
MOST_LISTENS: Final = 1000
MOST_BYTES: Final = MOST_LISTENS * 10_240


class ListenType(StrEnum):
    """What is submitted: something that plays just now, one finished listening, or many."""

    PLAYING_NOW = "playing_now"
    SINGLE = "single"
    IMPORT = "import"


class _Submission(msgspec.Struct):
    listen_type: ListenType
    payload: list[Row]


class Submission(msgspec.Struct, frozen=True):
    """What was submitted; `listens` is None for something that plays just now, which is not kept."""

    kind: ListenType
    listens: Listens | None
    playing: dict[str, Any] | None = None
    """The metadata of what plays just now, as it came."""
    length_ms: int = 0


def read(body: bytes, now: datetime) -> Submission:
    """The submission; raises Invalid, which says what is wrong with which listen, or TooLarge."""
    if len(body) > MOST_BYTES:
        raise TooLarge(f"A submission may have {MOST_BYTES // 1024:,} kB and {MOST_LISTENS:,} listens at most; send the rest in another.")
    try:
        body, sent = _decoded(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"This isn't a submission of listens: {str(error).rstrip('.')}.", field="payload") from error
    most = MOST_LISTENS if sent.listen_type is ListenType.IMPORT else 1
    if not 1 <= len(sent.payload) <= most:
        raise Invalid(f"{sent.listen_type} takes 1 to {most:,} listens; this has {len(sent.payload):,}.", field="payload")
    if sent.listen_type is ListenType.PLAYING_NOW:
        return _playing(body, sent.payload[0])
    found = parsed((scrobble(number, row) for number, row in enumerate(sent.payload, start=1)), "payload", now)
    if found.rejected:
        first = found.rejected[0]
        raise Invalid(f"Listen {first.row}: {first.reason}; nothing of this submission was kept.", field="payload")
    return Submission(sent.listen_type, found.listens)


def _decoded(body: bytes) -> tuple[bytes, _Submission]:
    """What was submitted, with its bytes; where a name was cut in the middle of a letter, both are without that half."""
    with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError):
        return body, msgspec.json.decode(body, type=_Submission)
    whole = whole_letters(body)
    return whole, msgspec.json.decode(whole, type=_Submission)


def _playing(body: bytes, row: Row) -> Submission:
    told = scrobble(1, row)
    if not told.title or not told.artist:
        raise Invalid("Listen 1: it doesn't name a track and its artist; nothing of this submission was kept.", field="payload")
    metadata = msgspec.json.decode(body)["payload"][0]["track_metadata"]
    return Submission(ListenType.PLAYING_NOW, None, metadata, told.length_ms)


async def keep(conn: Connection, user: UserId, submission: Submission) -> Stored:
    """Store what was submitted; how much of it is new."""
    if submission.listens is None:
        return Stored(0, 0, 0)
    (stored,) = await store(conn, [Batch(user, Source.SCROBBLE, submission.listens)])
    return stored
