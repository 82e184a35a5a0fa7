"""Exports handed in: uploaded to disk, queued, watched, taken back (contract.md §4, `/api/imports`)."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from audiospective.accounts.people import Person
from audiospective.archive import coverage
from audiospective.bootstrap import Parts
from audiospective.collect.imports import run
from audiospective.collect.imports.detect import open_export
from audiospective.errors import Invalid
from audiospective.reports import ask, imports
from audiospective.reports.imports import ImportList, ImportProgress, RehearsalAnswer
from audiospective.web.api import uploads
from audiospective.web.forms import Sent, back_to, is_plain_form
from audiospective.web.under_way import UnderWay
from audiospective.web.visitor import Asked, Listener, WithParts

#: An upload that has not ended by then is let go.
_ABANDONED_S = 3600


@post("/api/imports", status_code=202, request_max_body_size=uploads.MAX_UPLOAD + uploads.OVERHEAD)
async def upload(request: Asked, parts: WithParts, person: Listener) -> Sent[ImportProgress]:
    """Take files or a zip as multipart/form-data and queue them; `GET /api/imports/{id}` tells how it goes."""
    async with parts.db.reading() as conn:  # before it is received in vain
        await run.check_room(conn, person.id, 0)
    folder = await asyncio.to_thread(_new_folder, parts.settings.home / "uploads", parts.clock.now())
    try:
        paths = await _saved(request, person, folder)
        size = sum(path.stat().st_size for path in paths)
        await asyncio.to_thread(_look_into, folder, paths)
        folder = folder.rename(folder.with_name(folder.name.replace("incoming-", "upload-")))
        async with parts.db.transaction() as conn:
            now = parts.clock.now()
            import_id = await run.receive(conn, person.id, name=_name(paths), folder=folder, size=size, now=now)
            answer = imports.progress(await run.status(conn, person.id, import_id))
    except BaseException:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        raise
    return back_to("/imports") if is_plain_form(request) else Response(answer, status_code=202)


@post("/api/imports/rehearsal", status_code=200, request_max_body_size=uploads.MAX_UPLOAD + uploads.OVERHEAD)
async def rehearse(request: Asked, parts: WithParts, person: Listener) -> RehearsalAnswer:
    """What an import of these files would bring; nothing is written, and the files are gone afterwards."""
    return await rehearsal(request, parts, person)


async def rehearsal(request: Asked, parts: Parts, person: Person) -> RehearsalAnswer:
    """Rehearse an upload; raises Invalid or TooLarge as an import would."""
    folder = await asyncio.to_thread(_new_folder, parts.settings.home / "uploads", parts.clock.now())
    try:
        await asyncio.to_thread(_look_into, folder, await _saved(request, person, folder))
        async with parts.db.reading() as conn:
            listening = await ask.listening(conn, parts.cache, person, "all", parts.clock.now())
            ledger = await coverage.ledger(conn, person.id)
        return imports.rehearsed(await run.rehearse(parts.db, person.id, [folder], parts.clock, most=run.MOST_REHEARSED), listening, ledger)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


@get("/api/imports")
async def all_imports(parts: WithParts, person: Listener) -> ImportList:
    """Every import, newest first."""
    return imports.listed(await parts.db.ask(partial(run.listed, user=person.id)))


@get("/api/imports/{import_id:int}")
async def one_import(parts: WithParts, person: Listener, import_id: FromPath[int]) -> ImportProgress:
    """One import: how far it is, what became of each file, and the first rows that were set aside."""
    async with parts.db.reading() as conn:
        return imports.progress(await run.status(conn, person.id, import_id))


@post("/api/imports/{import_id:int}/undo", status_code=200)
async def undo(request: Asked, parts: WithParts, person: Listener, import_id: FromPath[int]) -> Sent[ImportProgress]:
    """Take back exactly what this import alone has brought."""
    async with parts.db.transaction() as conn:
        await run.take_back(conn, person.id, import_id, parts.clock.now())
        answer = imports.progress(await run.status(conn, person.id, import_id))
    return back_to("/imports") if is_plain_form(request) else Response(answer, status_code=200)


async def _saved(request: Asked, person: Person, folder: Path) -> list[Path]:
    """The files of an upload that doesn't take for ever; raises RateLimited for one of too many at once."""
    under_way: UnderWay = request.app.state.uploads
    with under_way.one(person.id):
        try:
            async with asyncio.timeout(_ABANDONED_S):
                return await uploads.save(request, folder)
        except TimeoutError as error:
            raise Invalid("The upload took longer than an hour; send it again in parts, or by a faster way.", field="file") from error


def _look_into(folder: Path, paths: Sequence[Path]) -> None:
    """Raises Invalid by the names that were sent: people know nothing of the folder."""
    if len(paths) == 1:
        open_export(paths)
        return
    try:
        open_export([folder])
    except Invalid as error:
        raise Invalid(error.message.replace(folder.name, _name(paths)), field="file") from error


def _name(paths: Sequence[Path]) -> str:
    return paths[0].name if len(paths) == 1 else f"{paths[0].name} and {len(paths) - 1} more"


def _new_folder(home: Path, now: datetime) -> Path:
    """A folder of its own for one upload; those that were abandoned go."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in home.glob("incoming-*"):
        with contextlib.suppress(FileNotFoundError):  # another upload has just ended
            if now.timestamp() - old.stat().st_mtime > _ABANDONED_S:
                shutil.rmtree(old, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix="incoming-", dir=home))


routes: tuple[ControllerRouterHandler, ...] = (upload, rehearse, all_imports, one_import, undo)
