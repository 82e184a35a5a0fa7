"""Reads the files of an export side by side, in other processes when that pays, and gives them back in order.

The readers import nothing that talks to a database or a network, so that they start fast and stay small.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime
from itertools import islice
from typing import BinaryIO

from audiospective.collect.imports import account, extended, koito, lastfm, listenbrainz, maloja, own, ownlines, yourspotify
from audiospective.collect.imports.columns import Columns, ParsedFile
from audiospective.collect.imports.detect import Export, Format, Member, open_member
from audiospective.errors import TooLarge, Unavailable
from audiospective.infra.processes import end_with

_PARSERS: dict[Format, Callable[[BinaryIO, str, datetime], ParsedFile]] = {
    Format.EXTENDED: extended.parse,
    Format.ACCOUNT: account.parse,
    Format.LASTFM_TABLE: lastfm.parse_table,
    Format.LASTFM_PAGES: lastfm.parse_pages,
    Format.LISTENBRAINZ_LINES: listenbrainz.parse_lines,
    Format.LISTENBRAINZ_LIST: listenbrainz.parse_list,
    Format.MALOJA: maloja.parse,
    Format.KOITO: koito.parse,
    Format.YOUR_SPOTIFY: yourspotify.parse_lines,
    Format.YOUR_SPOTIFY_LIST: yourspotify.parse_list,
    Format.OWN_TABLE: own.parse_table,
    Format.OWN_DOCUMENT: own.parse_document,
    Format.OWN_LINES: ownlines.parse,
}

_AHEAD = 3
#: Below this an import is parsed where it is; starting other processes would take longer than the work.
_SMALL_BYTES = 8 * 1024 * 1024
#: The shortest row that is set aside has two bytes and takes some three hundred in memory.
_TINY_BYTES = 1024 * 1024
_SMALL_MEMORY = 600 * 1024 * 1024


async def parsed_files(export: Export, now: datetime, *, most: int | None = None) -> AsyncIterator[tuple[Member, ParsedFile]]:
    """The files in their order, a few read ahead side by side. With `most` they are read in little memory, and one of more rows raises
    TooLarge.
    """
    loop = asyncio.get_running_loop()
    with _readers(export) if most is None else _small_reader(export) as pool:
        waiting: Iterator[Member] = iter(export.files)
        ahead = [(member, loop.run_in_executor(pool, parse_file, member, now, most)) for member in islice(waiting, _AHEAD)]
        try:
            while ahead:
                member, answer = ahead.pop(0)
                parsed = await _answered(answer)
                ahead += [(one, loop.run_in_executor(pool, parse_file, one, now, most)) for one in islice(waiting, 1)]
                yield member, parsed
        finally:
            for _, answer in ahead:
                answer.cancel()


async def _answered(answer: asyncio.Future[ParsedFile]) -> ParsedFile:
    try:
        return await answer
    except BrokenProcessPool as error:
        raise Unavailable("A process that reads the files was stopped from outside; import them again.") from error


def _readers(export: Export) -> Executor:
    if export.size < _SMALL_BYTES or len(export.files) < 2:
        return ThreadPoolExecutor(1)
    workers = max(1, min(len(export.files), os.cpu_count() or 1, 4))
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=spawn, initializer=end_with, initargs=(os.getpid(),))


def _small_reader(export: Export) -> Executor:
    """One that can't take more memory than it may, for files that may be anything, while pages are served beside it."""
    if export.size < _TINY_BYTES:
        return ThreadPoolExecutor(1)
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=spawn, initializer=_begin_small, initargs=(os.getpid(),))


def _begin_small(parent: int) -> None:
    end_with(parent)
    resource.setrlimit(resource.RLIMIT_DATA, (_SMALL_MEMORY, _SMALL_MEMORY))


def too_many(most: int) -> TooLarge:
    """What is said of files with more rows than that."""
    return TooLarge(f"A rehearsal takes {most:,} rows at most; import the files instead: an import can be taken back.")


def parse_file(member: Member, now: datetime, most: int | None = None) -> ParsedFile:
    """One file, every row a listen or a reject; raises Invalid when it is damaged, TooLarge for more rows than `most`."""
    if member.format is Format.EMPTY:
        return Columns().parsed(member.name, [])
    try:
        with open_member(member) as file:
            parsed = _PARSERS[member.format](file, member.name, now)
    except MemoryError:
        if most is None:
            raise
        raise too_many(most) from None
    if most is not None and parsed.rows > most:
        raise too_many(most)
    return parsed
