"""Releases side by side: `releases/<version>-<commit8>/` in the data folder, each sealed by a manifest of digests, one of them current.

A release is an installed wheel, read-only. What it needs beyond itself comes from the installation that supervises, and where that has
something else, lies in the release too. Nothing of a release is changed once it is laid out: a file that differs, is new or is gone
makes it a release that no switch goes to.
"""

from __future__ import annotations

import asyncio
import compileall
import contextlib
import filecmp
import hashlib
import os
import re
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from email.parser import HeaderParser
from importlib.metadata import distribution
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from importlib.util import cache_from_source
from pathlib import Path
from typing import Final

import msgspec

from audiospective.errors import Conflict, Invalid, NotFound
from audiospective.infra.schema import read as read_migrations

#: The code that supervises, run as it is installed; the release that everything begins with.
INSTALLED: Final = "installed"

_FOLDER, _CURRENT, _SITE, _MANIFEST = "releases", "current", "site", "release.json"
_ID = re.compile(r"[0-9][0-9A-Za-z.+_]{0,80}-[0-9a-f]{8}", re.ASCII)
_HALF = ".half-"
_MIGRATE_WITHIN_S = 300.0


class Tampered(Conflict):
    """A release isn't what was laid out."""


class Step(msgspec.Struct, frozen=True):
    """A migration that a release knows."""

    name: str
    safe_from: str = ""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a release is; `files` has the digest of each by its path."""

    version: str
    commit: str
    wheel: str
    laid_out_at: datetime
    needs: tuple[str, ...]
    migrations: tuple[Step, ...]
    files: dict[str, str]


class Release(msgspec.Struct, frozen=True):
    """One of the data folder's releases, or what is installed (without folder)."""

    id: str
    version: str
    migrations: tuple[Step, ...]
    folder: Path | None = None

    @property
    def site(self) -> Path | None:
        """What goes before everything on Python's path."""
        return self.folder / _SITE if self.folder else None

    @property
    def last_migration(self) -> str:
        """The number of the last migration that it knows."""
        return self.migrations[-1].name[:4]

    def environ(self) -> dict[str, str]:
        """What Python must be told to run this release and nothing else."""
        if self.site is None:
            return {}
        return {"PYTHONPATH": str(self.site), "PYTHONSAFEPATH": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def folder_of(home: Path) -> Path:
    """Where a data folder's releases are."""
    return home / _FOLDER


def installed() -> Release:
    """The installation that this program runs from."""
    return Release(INSTALLED, distribution("audiospective").version, _steps(files("audiospective.migrations")))


def listed(home: Path) -> list[str]:
    """Ids of all that are laid out, in order of their names."""
    with contextlib.suppress(FileNotFoundError):
        there = [path for path in folder_of(home).iterdir() if path.is_dir() and not path.is_symlink()]
        return sorted(path.name for path in there if _ID.fullmatch(path.name))
    return []


def find(home: Path, release_id: str) -> Release:
    """The release of that id; raises Invalid or NotFound. Its files aren't looked at: see `verify`."""
    if release_id == INSTALLED:
        return installed()
    if not _ID.fullmatch(release_id):
        raise Invalid(f"“{release_id[:60]}” isn't a release's id, as in 1.0.0-1a2b3c4d; see audiospective ops releases.", field="RELEASE")
    if release_id not in listed(home):
        raise NotFound(f"There is no release {release_id}; see audiospective ops releases.")
    told = manifest(home, release_id)
    return Release(release_id, told.version, told.migrations, folder_of(home) / release_id)


def manifest(home: Path, release_id: str) -> Manifest:
    """What a release says that it is; raises Tampered."""
    try:
        return msgspec.json.decode((folder_of(home) / release_id / _MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError) as error:
        raise Tampered(f"The release {release_id} has no readable manifest; lay it out anew from its wheel.") from error


def seal(home: Path, release_id: str) -> str:
    """The digest of a release's manifest, by which a manifest that was changed too is seen."""
    return _digest(folder_of(home) / release_id / _MANIFEST)


def verify(release: Release, sealed: str) -> None:
    """Raises Tampered unless every file is what was laid out, and no other is there; `sealed` is the manifest's digest as it was kept."""
    if release.folder is None:
        return
    if seal(release.folder.parent.parent, release.id) != sealed:
        raise Tampered(f"The manifest of {release.id} was changed; lay the release out anew from its wheel.")
    told = manifest(release.folder.parent.parent, release.id).files
    there = dict(_digests(release.folder / _SITE))
    if differing := sorted(name for name in told.keys() | there.keys() if told.get(name) != there.get(name)):
        raise Tampered(f"{release.id} isn't what was laid out: {differing[0]} differs ({len(differing)} files). Nothing was switched.")


def current(home: Path) -> str:
    """The id that the pointer names; what is installed when there is none. Raises Tampered for a pointer that leads elsewhere."""
    try:
        named = os.readlink(folder_of(home) / _CURRENT)
    except FileNotFoundError:
        return INSTALLED
    except OSError as error:
        raise Tampered("“current” isn't a pointer; remove it and name a release: audiospective ops rollback --to RELEASE.") from error
    if named != INSTALLED and not _ID.fullmatch(named):
        raise Tampered(f"“current” leads to “{named[:60]}”, which is no release; name one: audiospective ops rollback --to RELEASE.")
    return named


def point(home: Path, release_id: str) -> None:
    """Make this release the current one: a pointer beside it takes the old one's place at once."""
    folder = folder_of(home)
    folder.mkdir(mode=0o700, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=_HALF) as aside:
        pointer = Path(aside) / _CURRENT
        pointer.symlink_to(release_id)
        pointer.replace(folder / _CURRENT)


def lay_out(home: Path, wheel: Path, commit: str, now: datetime, supply: Callable[[Path, Sequence[str]], None]) -> Release:
    """Lay a wheel out as a release, whole or not at all; one that is there already, made of the same wheel, is kept.

    `supply` puts what the wheel needs and isn't here beside it. Raises Invalid for what is no wheel of this program, Conflict when
    another wheel claims the same version and commit.
    """
    digest = _digest(wheel)
    with _aside(home) as half:
        _unpack(wheel, half / _SITE)
        supply(half / _SITE, _metadata(half / _SITE).needs)
        return _finished(home, half, commit, digest, now)


def copy_installed(home: Path, commit: str, now: datetime, *, version: str = "") -> Release:
    """Lay out what is installed, as the version named: for drills, which need two releases and have one program."""
    with _aside(home) as half:
        with as_file(files("audiospective")) as package:
            shutil.copytree(package, half / _SITE / "audiospective", ignore=shutil.ignore_patterns("__pycache__"))
        told = distribution("audiospective").metadata
        lines = [f"Name: {told['Name']}", f"Version: {version or told['Version']}"]
        described = half / _SITE / f"audiospective-{version or told['Version']}.dist-info"
        described.mkdir()
        needs = [f"Requires-Dist: {need}" for need in told.get_all("Requires-Dist") or []]
        (described / "METADATA").write_text("\n".join(["Metadata-Version: 2.4", *lines, *needs, ""]), encoding="utf-8")
        return _finished(home, half, commit, "copied", now)


def remove(home: Path, release_id: str) -> None:
    """Take a release's folder away."""
    folder = folder_of(home) / find(home, release_id).id
    _writable(folder)
    shutil.rmtree(folder)


async def migrate(release: Release, environ: Mapping[str, str], dsn: str) -> None:
    """Bring the schema up to what the release knows, by its own code where something is to be done; raises Conflict that says why not."""
    from audiospective.infra.migrate import is_current  # noqa: PLC0415 (who starts a release has nothing else to ask the database)

    if release.site and await is_current(dsn, release.site / "audiospective" / "migrations"):
        return
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "audiospective.cli.main", "migrate"),
        env={**environ, **release.environ()},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, said = await asyncio.wait_for(process.communicate(), _MIGRATE_WITHIN_S)
    except TimeoutError as error:
        process.kill()
        raise Conflict(f"Bringing the schema up to {release.id} took more than {_MIGRATE_WITHIN_S:.0f} seconds; run it again.") from error
    if process.returncode:
        raise Conflict(f"The schema of {release.id} can't be had: {said.decode(errors='replace').strip()[-600:]}")


@contextlib.contextmanager
def _aside(home: Path) -> Iterator[Path]:
    """A folder beside the releases that counts for nothing and goes away; one of a run that was killed goes too."""
    folder = folder_of(home)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in folder.glob(f"{_HALF}*"):
        _writable(left)
        shutil.rmtree(left, ignore_errors=True)
    half = Path(tempfile.mkdtemp(dir=folder, prefix=_HALF))
    try:
        yield half
    finally:
        if half.exists():
            _writable(half)
            shutil.rmtree(half, ignore_errors=True)


def _finished(home: Path, half: Path, commit: str, wheel: str, now: datetime) -> Release:
    site = half / _SITE
    told = _metadata(site)
    release_id = f"{told.version}-{commit[:8]}"
    if not _ID.fullmatch(release_id):
        raise Invalid(f"“{release_id[:60]}” can't be a release's id: a version and eight digits of a commit.", field="--commit")
    if release_id in listed(home):
        return _same(home, release_id, wheel)
    _compile(site)
    steps = _steps(site / "audiospective" / "migrations")
    sealed = Manifest(
        version=told.version, commit=commit, wheel=wheel, laid_out_at=now, needs=told.needs, migrations=steps, files=dict(_digests(site))
    )
    (half / _MANIFEST).write_bytes(msgspec.json.encode(sealed))
    _read_only(half)
    half.chmod(0o755)  # a folder can't be moved while nothing may be written into it
    half.rename(folder_of(home) / release_id)
    (folder_of(home) / release_id).chmod(0o555)
    return Release(release_id, told.version, steps, folder_of(home) / release_id)


def _compile(site: Path) -> None:
    """Bytecode beside every file of code; what the installation has to the letter, it has compiled as a rule."""
    with as_file(files("audiospective")) as package:
        for file in (site / "audiospective").rglob("*.py"):
            twin = package / file.relative_to(site / "audiospective")
            compiled = Path(cache_from_source(str(twin)))
            if compiled.exists() and filecmp.cmp(twin, file, shallow=False):
                shutil.copystat(twin, file)  # bytecode names the time of its source: what was compiled from another is compiled anew
                target = Path(cache_from_source(str(file)))
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(compiled, target)
    compileall.compile_dir(site, quiet=2, stripdir=str(site))


def _same(home: Path, release_id: str, wheel: str) -> Release:
    if manifest(home, release_id).wheel != wheel:
        raise Conflict(f"{release_id} is laid out already, from another wheel. Give this one a version or a commit of its own.")
    return find(home, release_id)


class _Metadata(msgspec.Struct, frozen=True):
    version: str
    needs: tuple[str, ...]


def _metadata(site: Path) -> _Metadata:
    found = next(iter(site.glob("audiospective-*.dist-info/METADATA")), None)
    if found is None or not (site / "audiospective" / "migrations").is_dir():
        raise Invalid("This is no wheel of Audiospective.", field="--wheel")
    told = HeaderParser().parsestr(found.read_text(encoding="utf-8"))
    return _Metadata(str(told["Version"]), tuple(told.get_all("Requires-Dist") or ()))


def _unpack(wheel: Path, site: Path) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site)
    except (OSError, zipfile.BadZipFile) as error:
        raise Invalid(f"{wheel} can't be read as a wheel.", field="--wheel") from error


def _steps(folder: Traversable) -> tuple[Step, ...]:
    return tuple(Step(one.name, one.safe_from) for one in read_migrations(folder))


def _digests(site: Path) -> Iterator[tuple[str, str]]:
    begin = len(str(site)) + 1
    for one in _entries(site):
        if one.is_symlink():
            yield one.path[begin:], f"leads to {os.readlink(one.path)}"
        elif one.is_file():
            yield one.path[begin:], _digest(one.path)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """All that is in it, however deep, in the order of names; no link is followed. A `Path` for each of its thousands takes longer."""
    found, waiting = list[os.DirEntry[str]](), [str(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as inside:
            here = list(inside)
        found += here
        waiting += [one.path for one in here if one.is_dir(follow_symlinks=False)]
    return sorted(found, key=lambda one: one.path.split("/"))


def _digest(path: str | Path) -> str:
    try:
        with open(path, "rb", buffering=0) as file:
            return hashlib.sha256(file.read()).hexdigest()
    except OSError as error:
        raise NotFound(f"{path} can't be read.") from error


def _read_only(folder: Path) -> None:
    for one in _entries(folder):
        if not one.is_symlink():
            os.chmod(one.path, 0o555 if one.is_dir() else 0o444)


def _writable(folder: Path) -> None:
    folder.chmod(0o700)
    for one in _entries(folder):
        if one.is_dir(follow_symlinks=False):
            os.chmod(one.path, 0o700)
