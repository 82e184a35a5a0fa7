"""Wheels of this program, as they are built, with whatever a test wants to be different."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from importlib.metadata import metadata
from pathlib import Path

from audiospective.infra.clock import SystemClock
from audiospective.operations import deploy
from audiospective.operations.deploy import Errand
from audiospective.operations.releases import Release
from scripts.install import PYPI, index, uv_environ

SOURCE = Path(__file__).parents[2] / "src" / "audiospective"
_ALL = ("**/*",)
#: Enough for what only reads releases: some code, a folder of it, and every migration.
FEW = ("*.py", "infra/*.py", "migrations/*")
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def wheel(
    path: Path, version: str, *, needs: tuple[str, ...] = (), append: dict[str, str] | None = None, among: tuple[str, ...] = _ALL
) -> Path:
    """A wheel of this code as `version`; `append` adds text to files of the package, or makes them. The same content, the same bytes.

    `among` are the patterns of its files: one that nobody starts needs few.
    """
    more = dict(append or {})
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted({file for pattern in among for file in SOURCE.glob(pattern)}):
            name = file.relative_to(SOURCE).as_posix()
            if file.is_file() and "__pycache__" not in name:
                archive.writestr(zipfile.ZipInfo(f"audiospective/{name}"), file.read_bytes() + more.pop(name, "").encode())
        for name, text in more.items():
            archive.writestr(zipfile.ZipInfo(f"audiospective/{name}"), text)
        wanted = [f"Requires-Dist: {need}" for need in (*(metadata("audiospective").get_all("Requires-Dist") or ()), *needs)]
        described = "\n".join(["Metadata-Version: 2.4", "Name: audiospective", f"Version: {version}", *wanted, ""])
        archive.writestr(zipfile.ZipInfo(f"audiospective-{version}.dist-info/METADATA"), described)
    return path


def builders_environ() -> dict[str, str]:
    """The environment in which this checkout was installed: its index, its certificates, a cache that can be written."""
    return {**uv_environ(), **({} if index() == PYPI else {"UV_DEFAULT_INDEX": index()})}


def errand(home: Path, by: str = "mara") -> Errand:
    """An operator's, who doesn't listen."""
    return Errand(home, by, SystemClock(), lambda _: None)


def laid_out(home: Path, folder: Path, version: str, append: dict[str, str] | None = None, among: tuple[str, ...] = _ALL) -> Release:
    """A release of that version on a data folder, laid out as a deployment does it; its commit is made of the version's digits."""
    made = wheel(folder / f"audiospective-{version}.whl", version, append=append, among=among)
    return deploy.lay_out(errand(home), made, version.replace(".", "").ljust(8, "0"))
