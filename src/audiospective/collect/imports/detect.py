"""What is this? Format by content, never by file name alone; zip bombs, junk and damage refused before a row is read."""

from __future__ import annotations

import codecs
import contextlib
import csv
import errno
import lzma
import os
import re
import stat
import struct
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NoReturn, cast

import msgspec

from audiospective.collect.imports import account, extended, koito, lastfm, listenbrainz, maloja, own, ownlines, yourspotify
from audiospective.errors import Invalid, TooLarge

#: What all files of one import may unpack to; the largest real history seen is 270 MB (340,000 rows).
MAX_UNPACKED = 2 * 1024**3
#: Real exports pack 10 to 30 times; a hundred times is a bomb, once it is large enough to hurt.
_MAX_RATIO, _RATIO_COUNTS_FROM = 100, 64 * 1024**2
#: A package has a few dozen files; a folder's zip with everything beside it some hundred.
_MOST_ENTRIES = 10_000
#: A zip within a zip is written to disk to be read; a real one of 340,000 rows has 20 MB.
_MAX_NESTED = 256 * 1024**2
#: Zips within zips are unpacked to be looked through, together no more than MAX_UNPACKED, and once more for each file that is read.
_MAX_UNPACKED_AGAIN = 8 * 1024**3
#: What is packed already hardly packs again; twenty times is a bomb's shell.
_MAX_ZIP_RATIO, _ZIP_RATIO_COUNTS_FROM = 20, 64 * 1024
#: What Python's zip reader raises over bytes that aren't what they say.
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, RuntimeError, ValueError, IndexError, OverflowError, OSError
)  # fmt: skip
_HEAD = 64 * 1024
_ZIP = b"PK\x03\x04"
_KEY = re.compile(rb'"[A-Za-z_]+"(?=\s*:)')
#: The first row of a list, to its end or the head's: a brace inside a text ends none.
_FIRST_ROW = re.compile(rb'\[\s*\{(?:[^"}]|"(?:[^"\\]|\\.)*")*')


class Format(Enum):
    """A kind of file that holds plays; the value is its name for people and programs, and its shape where there are several."""

    EXTENDED = extended.NAME
    ACCOUNT = account.NAME
    LASTFM_TABLE = f"{lastfm.NAME}-csv"
    LASTFM_PAGES = f"{lastfm.NAME}-json"
    LISTENBRAINZ_LINES = listenbrainz.NAME
    LISTENBRAINZ_LIST = f"{listenbrainz.NAME}-json"
    MALOJA = maloja.NAME
    KOITO = koito.NAME
    YOUR_SPOTIFY = yourspotify.NAME
    YOUR_SPOTIFY_LIST = f"{yourspotify.NAME}-json"
    OWN_TABLE = f"{own.NAME}-csv"
    OWN_DOCUMENT = f"{own.NAME}-json"
    OWN_LINES = ownlines.NAME
    EMPTY = "empty"


#: Lists of flat rows, known by the keys of the first.
_FLAT = {Format.EXTENDED: extended.KEYS, Format.ACCOUNT: account.KEYS}
#: Everything else, known by what stands in the first kilobytes: how it begins, and words that must be there.
_SHAPES: tuple[tuple[Format, re.Pattern[bytes], tuple[bytes, ...]], ...] = (
    (Format.LISTENBRAINZ_LIST, re.compile(rb"\[\s*\{"), (b'"track_metadata"', b'"listened_at"')),
    (Format.LASTFM_PAGES, re.compile(rb"\[\s*\{\s*\"track\"\s*:\s*[\[{]"), (b'"#text"',)),
    (Format.OWN_DOCUMENT, re.compile(rb"\{"), (b'"exportedAt"', b'"exportType"', b'"plays"')),
    (Format.OWN_LINES, re.compile(rb"\{\"playedAt\":\"\d"), (b'"source"', b'"told"')),
    (Format.MALOJA, re.compile(rb"\{"), (b'"maloja"', b'"scrobbles"')),
    (Format.KOITO, re.compile(rb"\{"), (b'"exported_at"', b'"listens"')),
    (Format.LISTENBRAINZ_LINES, re.compile(rb"\{"), (b'"track_metadata"', b'"listened_at"')),
    (Format.YOUR_SPOTIFY_LIST, re.compile(rb"\[\s*\{"), (b'"played_at"', b'"$date"', b'"owner"')),
    (Format.YOUR_SPOTIFY, re.compile(rb"\{"), (b'"played_at"', b'"$date"', b'"owner"')),
)
_SUFFIXES = (".json", ".jsonl", ".csv")


class Member(msgspec.Struct, frozen=True):
    """One file with plays: a path on disk and, inside zips, the names that lead to it; `size` in bytes, unpacked."""

    path: Path
    inside: tuple[str, ...]
    name: str
    format: Format
    size: int


@dataclass(frozen=True, slots=True)
class Export:
    """What a person handed us: the files with plays in the order found, and how many others lay beside."""

    files: tuple[Member, ...]
    passed_over: int

    @property
    def format(self) -> str:
        """All formats found, joined by “+”."""
        return "+".join(sorted({file.format.value for file in self.files if file.format is not Format.EMPTY})) or Format.EMPTY.value

    @property
    def size(self) -> int:
        """Bytes to read, unpacked."""
        return sum(file.size for file in self.files)


class _Room:
    """How much may still be unpacked of the zips within zips of one import."""

    def __init__(self) -> None:
        self._to_look, self._to_read = MAX_UNPACKED, _MAX_UNPACKED_AGAIN

    def look(self, entry: zipfile.ZipInfo, shown: str) -> None:
        """A zip is unpacked to be looked through."""
        self._to_look -= entry.file_size
        if self._to_look < 0 or (
            entry.file_size > _ZIP_RATIO_COUNTS_FROM and entry.file_size > _MAX_ZIP_RATIO * max(entry.compress_size, 1)
        ):
            raise self._full(shown)

    def read(self, entry: zipfile.ZipInfo, shown: str) -> None:
        """It will be unpacked for a file in it."""
        self._to_read -= entry.file_size
        if self._to_read < 0:
            raise self._full(shown)

    def _full(self, shown: str) -> TooLarge:
        return TooLarge(f"The zips inside {shown} unpack to more than any export does; unpack them and import what is in them.")


def open_export(paths: Sequence[Path]) -> Export:
    """Everything with plays in these files, folders and zips. Raises Invalid (what was wrong, where, what would be right) or TooLarge."""
    members: list[Member] = []
    passed_over, room = 0, _Room()
    for path in paths:
        found = list(_walk(path, room))
        told = _told_once([one for one in found if one is not None])
        passed_over += len(found) - len(told)
        members += told
    if not members:
        raise Invalid(
            f"{_names(paths)} holds no listening history. {_WANTED}",
            field=str(paths[0].name) if paths else "paths",
        )
    export = Export(tuple(members), passed_over)
    if export.size > MAX_UNPACKED:
        raise TooLarge(f"{_names(paths)} unpacks to {export.size >> 20:,} MB; {MAX_UNPACKED >> 20:,} MB is the most that is taken at once.")
    return export


@contextlib.contextmanager
def open_member(member: Member) -> Iterator[BinaryIO]:
    """The file's bytes, unpacked; damage inside a zip shows as Invalid when it is read."""
    with _opened(member.path, member.inside) as file:
        try:
            yield file
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
            raise Invalid(f"{member.name} is damaged inside its zip ({error}); download the zip again.", field=member.name) from error


def _told_once(members: list[Member]) -> list[Member]:
    """A reading copy tells its plays twice; its lines know more than its table."""
    has_lines = any(one.format is Format.OWN_LINES for one in members)
    return [one for one in members if not (has_lines and one.format is Format.OWN_TABLE)]


def _walk(path: Path, room: _Room) -> Iterator[Member | None]:
    """Members below a path; None for each file that is passed over. A single file that isn't what we take is said so."""
    if path.is_dir():
        for inner in sorted(p for p in _below(path) if p.is_file() and not p.is_symlink()):
            yield from _walk_file(inner, room, alone=False)
    elif path.is_file():
        yield from _walk_file(path, room, alone=True)
    else:
        raise Invalid(f"{path} isn't there; give a file, a folder or a zip.", field=str(path))


def _below(folder: Path) -> Iterator[Path]:
    """Everything in a folder and in those in it; raises OSError for one that may not be read, for nobody can say that it holds nothing."""
    for at, _, names in os.walk(folder, onerror=_raised):
        yield from (Path(at) / name for name in names)


def _raised(error: OSError) -> NoReturn:
    raise error


def _walk_file(path: Path, room: _Room, *, alone: bool) -> Iterator[Member | None]:
    with path.open("rb") as file:
        is_zip = _is_zip(file)
        file.seek(0)
        head = file.read(_HEAD)
    if is_zip or head.startswith(_ZIP):  # one that breaks off is said to, among other files too
        with _opened_zip(path, (), path.name) as archive:
            yield from _walk_zip(archive, room, path, (), path.name)
        return
    found = _format_of(head)
    if found is None and alone:
        raise Invalid(f"{path.name} {_what_it_is(head)}. {_WANTED}", field=path.name)
    yield Member(path, (), path.name, found, path.stat().st_size) if found else None


_WANTED = (
    "Give the zip as Spotify sent it, or its files: Streaming_History_Audio_….json, endsong_….json or StreamingHistory….json; "
    "or an export of Last.fm (CSV, JSON), ListenBrainz, Maloja, Koito, your_spotify or Audiospective."
)


def _is_zip(file: BinaryIO) -> bool:
    try:
        return zipfile.is_zipfile(file)
    except ValueError:  # the end of one, which leads to before its beginning
        return False


def _walk_zip(archive: zipfile.ZipFile, room: _Room, path: Path, inside: tuple[str, ...], shown: str) -> Iterator[Member | None]:
    entries = [entry for entry in archive.infolist() if not entry.filename.endswith("/")]
    _refuse_nonsense(entries, shown)
    for entry in entries:
        _refuse_bomb(entry, shown)
        yield from _walk_entry(archive, entry, room, path, inside, shown=shown)


def _walk_entry(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, room: _Room, path: Path, inside: tuple[str, ...], *, shown: str
) -> Iterator[Member | None]:
    base = PurePosixPath(entry.filename).name
    if base.startswith("._"):  # what macOS notes beside a file, under its name
        yield None
        return
    if entry.flag_bits & 0x1:
        if base.lower().endswith((*_SUFFIXES, ".zip")):
            raise Invalid(f"{entry.filename} in {shown} is locked with a password; unlock it and import it again.", field=shown)
        yield None
        return
    if base.lower().endswith(".zip") and len(inside) < 2:
        room.look(entry, shown)
        with contextlib.ExitStack() as stack:
            within = _zip_within(stack, archive, entry.filename, shown)
            for one in _walk_zip(within, room, path, (*inside, entry.filename), f"{shown}/{base}"):
                if one is not None:
                    room.read(entry, shown)
                yield one
        return
    try:
        with archive.open(entry) as file:
            head = file.read(_HEAD)
    except _DAMAGE as error:
        _raise_if_not_the_zips(error)
        raise Invalid(f"{base} in {shown} is damaged ({error}); download the zip again.", field=shown) from error
    found = _format_of(head) if base.lower().endswith(_SUFFIXES) else None
    yield Member(path, (*inside, entry.filename), base, found, entry.file_size) if found else None


def _refuse_bomb(entry: zipfile.ZipInfo, shown: str) -> None:
    if entry.file_size > _RATIO_COUNTS_FROM and entry.file_size > _MAX_RATIO * max(entry.compress_size, 1):
        unpacked, packed = f"{entry.file_size >> 20:,} MB", f"{entry.compress_size >> 10:,} KB"
        raise TooLarge(f"{entry.filename} in {shown} unpacks to {unpacked} out of {packed}, which no listening history does.")


def _refuse_nonsense(entries: Sequence[zipfile.ZipInfo], shown: str) -> None:
    """More entries than a package has, two of one name, and names or links that lead out of the zip."""
    if len(entries) > _MOST_ENTRIES:
        raise TooLarge(f"{shown} has {len(entries):,} entries; {_MOST_ENTRIES:,} is the most that is looked through.")
    names = Counter(entry.filename.casefold() for entry in entries)
    for entry in entries:
        if names[entry.filename.casefold()] > 1:
            raise Invalid(f"{shown} has two files of the name {entry.filename[:200]}; pack it anew.", field=shown)
        parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
        mode = entry.external_attr >> 16
        leads_out = ".." in parts or entry.filename.startswith(("/", "\\")) or entry.filename[1:2] == ":"
        if leads_out or (stat.S_IFMT(mode) and not stat.S_ISREG(mode)):
            raise Invalid(f"{entry.filename[:200]} in {shown} leads out of the zip, as no export does.", field=shown)


@contextlib.contextmanager
def _opened(path: Path, inside: tuple[str, ...]) -> Iterator[BinaryIO]:
    if not inside:
        with path.open("rb") as file:
            yield file
        return
    with _opened_zip(path, inside[:-1], path.name) as archive, archive.open(inside[-1]) as member:
        yield cast(BinaryIO, member)


@contextlib.contextmanager
def _opened_zip(path: Path, inside: tuple[str, ...], shown: str) -> Iterator[zipfile.ZipFile]:
    with contextlib.ExitStack() as stack:
        file: BinaryIO = stack.enter_context(path.open("rb"))
        archive = _zip_of(stack, file, shown)
        for name in inside:
            archive = _zip_within(stack, archive, name, shown)
        yield archive


def _zip_of(stack: contextlib.ExitStack, file: BinaryIO, shown: str) -> zipfile.ZipFile:
    try:
        return stack.enter_context(zipfile.ZipFile(file))
    except _DAMAGE as error:
        _raise_if_not_the_zips(error)
        raise Invalid(f"{shown} isn't a whole zip ({error}); download it again.", field=shown) from error


def _zip_within(stack: contextlib.ExitStack, archive: zipfile.ZipFile, name: str, shown: str) -> zipfile.ZipFile:
    spool = stack.enter_context(tempfile.SpooledTemporaryFile(max_size=32 * 1024**2))  # noqa: SIM115 (the stack closes it)
    try:
        _unpack(archive, name, spool, shown)
    except _DAMAGE as error:
        _raise_if_not_the_zips(error)
        raise Invalid(f"{shown} isn't a whole zip ({error}); download it again.", field=shown) from error
    return _zip_of(stack, cast(BinaryIO, spool), shown)


def _raise_if_not_the_zips(error: Exception) -> None:
    """A disk that is full or broken is no fault of the zip's; that one leads out of itself is."""
    if isinstance(error, OSError) and error.errno not in {None, errno.EINVAL}:
        raise error


def _unpack(archive: zipfile.ZipFile, name: str, spool: tempfile.SpooledTemporaryFile[bytes], shown: str) -> None:
    """A zip within a zip, into memory or, when it is large, to disk."""
    with archive.open(name) as member:
        while block := member.read(1024**2):
            spool.write(block)
            if spool.tell() > _MAX_NESTED:
                raise TooLarge(f"A zip inside {shown} has more than {_MAX_NESTED >> 20:,} MB; unpack it and import what is in it.")


def _format_of(head: bytes) -> Format | None:
    text = _as_utf8(head).lstrip()
    if re.fullmatch(rb"\[\s*\]\s*", text):
        return Format.EMPTY
    if not text.startswith((b"[", b"{")):
        return _table_of(text)
    row = _FIRST_ROW.match(text)
    keys = set(_KEY.findall(row[0])) if row else set()
    flat = next((found for found, needed in _FLAT.items() if keys.issuperset(needed)), None)
    shaped = (found for found, begin, words in _SHAPES if begin.match(text) and all(word in text for word in words))
    return flat or next(shaped, None)


def _table_of(text: bytes) -> Format | None:
    lines = text[:4096].decode("utf-8", "ignore")
    with contextlib.suppress(csv.Error):  # no table at all
        if own.is_table(lines):
            return Format.OWN_TABLE
        if lastfm.is_table(lines):
            return Format.LASTFM_TABLE
    return None


def _as_utf8(head: bytes) -> bytes:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head.decode("utf-16", errors="ignore").encode()
    return head.removeprefix(codecs.BOM_UTF8)


def _what_it_is(head: bytes) -> str:
    text = _as_utf8(head).lstrip()
    if not head:
        return "is empty"
    if not text.strip(b"\0"):
        return "holds nothing but blank space"
    if text.startswith(b"%PDF"):
        return "is a PDF, not the history itself"
    if text.startswith((b"<", b"<!")):
        return "is a web page, not the history itself"
    if text.startswith((b"[", b"{")):
        return "is JSON, but not a streaming history that is known here"
    return "isn't a streaming history"


def _names(paths: Sequence[Path]) -> str:
    return ", ".join(path.name for path in paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
