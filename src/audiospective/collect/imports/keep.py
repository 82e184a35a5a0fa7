"""Files that were read, stored as plays with what became of each row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from audiospective.archive.ingest import store
from audiospective.archive.plays import Batch, Source, Stored, UserId
from audiospective.archive.register import Known
from audiospective.collect.imports.columns import ParsedFile, Reject
from audiospective.collect.imports.covering import covers
from audiospective.collect.imports.detect import Format, Member
from audiospective.infra.database import Connection, execute
from audiospective.infra.statements import statements

sql = statements(__name__)

_SOURCES = {
    Format.EXTENDED: Source.EXTENDED,
    Format.EMPTY: Source.EXTENDED,
    Format.ACCOUNT: Source.ACCOUNT,
    Format.OWN_TABLE: Source.OWN,
    Format.OWN_DOCUMENT: Source.OWN,
    Format.OWN_LINES: Source.OWN,
    Format.LISTENBRAINZ_LINES: Source.LISTENBRAINZ,
    Format.LISTENBRAINZ_LIST: Source.LISTENBRAINZ,
    Format.KOITO: Source.KOITO,
    Format.YOUR_SPOTIFY: Source.YOUR_SPOTIFY,
    Format.YOUR_SPOTIFY_LIST: Source.YOUR_SPOTIFY,
    Format.MALOJA: Source.MALOJA,
    Format.LASTFM_TABLE: Source.LASTFM,
    Format.LASTFM_PAGES: Source.LASTFM,
}


async def keep(
    conn: Connection, user: UserId, import_id: int, step: Sequence[tuple[Member, ParsedFile]], *, known: Known, files: int, rejected: int
) -> None:
    """Stores some files behind so many that are done, and so many rows that were set aside, and moves the progress.

    `known` learns what names are, in the caller's transaction.
    """
    batches = [_batch(user, import_id, member, parsed) for member, parsed in step]
    stored = await store(conn, batches, known)
    fresh = [parsed for _, parsed in step]
    await _note_files(conn, import_id, step, stored, before=files)
    await _note_rejects(conn, import_id, [reject for file in fresh for reject in file.rejected], before=rejected)
    first, last = _span(fresh)
    await execute(
        conn,
        sql["advance"],
        id=import_id,
        files=len(fresh),
        bytes=sum(member.size for member, _ in step),
        rows=sum(file.rows for file in fresh),
        new=sum(one.new for one in stored),
        duplicates=sum(one.duplicates for one in stored),
        rejected=sum(len(file.rejected) for file in fresh),
        first=first,
        last=last,
    )


def _batch(user: UserId, import_id: int, member: Member, parsed: ParsedFile) -> Batch:
    source = parsed.source or _SOURCES[member.format]
    return Batch(user, source, parsed.listens, import_id, parsed.facts)


async def _note_files(
    conn: Connection, import_id: int, step: Sequence[tuple[Member, ParsedFile]], stored: Sequence[Stored], *, before: int
) -> None:
    spans = [covers(member.format, parsed) for member, parsed in step]
    await execute(
        conn,
        sql["add_files"],
        id=import_id,
        positions=list(range(before, before + len(step))),
        names=[member.name for member, _ in step],
        sizes=[member.size for member, _ in step],
        formats=[member.format.value for member, _ in step],
        rows=[file.rows for _, file in step],
        news=[one.new for one in stored],
        duplicates=[one.duplicates for one in stored],
        rejecteds=[len(file.rejected) for _, file in step],
        froms=[span.from_at if span else None for span in spans],
        tills=[span.till_at if span else None for span in spans],
    )


async def _note_rejects(conn: Connection, import_id: int, rejected: Sequence[Reject], *, before: int) -> None:
    if not rejected:
        return
    await execute(
        conn,
        sql["add_rejects"],
        id=import_id,
        positions=list(range(before, before + len(rejected))),
        files=[reject.file for reject in rejected],
        rows=[reject.row for reject in rejected],
        reasons=[reject.reason for reject in rejected],
        raws=[reject.raw for reject in rejected],
    )


def _span(files: Iterable[ParsedFile]) -> tuple[datetime | None, datetime | None]:
    times = [file.listens.ended_at for file in files if len(file.listens)]
    if not times:
        return None, None
    first, last = min(int(one.min()) for one in times), max(int(one.max()) for one in times)
    return datetime.fromtimestamp(first / 1e6, UTC), datetime.fromtimestamp(last / 1e6, UTC)
