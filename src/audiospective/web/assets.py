"""Styles, scripts, fonts and pictures: gathered at the start, named by their content, packed beforehand.

All of `static/css` becomes one style sheet and all of `static/js` one script. In a `.css`, `.js` or `.webmanifest` file another static file
is named `/static/fonts/…`; that name is replaced by the one with the hash. What an address with a hash gives never changes: it is cached
for ever.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.params import FromPath

from audiospective.errors import NotFound

STATIC = Path(__file__).parent / "static"

#: The order in which layers of the style sheet are read: tokens.css names the layers, so it comes first.
_FIRST = ("tokens.css", "base.css")

_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain",
}
_PACKABLE = frozenset({".css", ".js", ".svg", ".webmanifest", ".txt"})
#: What names other files.
_NAMING = frozenset({".css", ".js", ".webmanifest"})
_NAMED = re.compile(r"/static/([\w./-]+\.\w+)")

_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent."""

    content: bytes = field(repr=False)
    packed: bytes | None = field(repr=False)
    """The same, gzipped; None where that saves nothing."""
    media_type: str


class Assets:
    """Every static file by the name it is served under."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._served: dict[str, Asset] = {}
        self._urls: dict[str, str] = {}
        for path in _files(folder):
            if path.suffix in _TYPES and path.suffix not in _NAMING:
                self._add(path.relative_to(folder).as_posix(), path.read_bytes())
        for path in _files(folder, "*.webmanifest"):
            self._add(path.relative_to(folder).as_posix(), self._named(path.read_text(encoding="utf-8")))
        self._add("app.css", self._named(_styles(folder / "css")))
        self._add("app.js", self._named(_scripts(folder / "js")))

    def url(self, name: str) -> str:
        """The address of `app.css`, `app.js`, `icon.svg`, `fonts/….woff2`; raises KeyError for a file that isn't there."""
        return self._urls[name]

    def find(self, name: str) -> Asset | None:
        """What is served under this name."""
        return self._served.get(name)

    @property
    def sizes(self) -> Mapping[str, int]:
        """Bytes on the wire, by name."""
        return {name: len(asset.packed or asset.content) for name, asset in self._served.items()}

    def _named(self, text: str) -> bytes:
        return _NAMED.sub(lambda found: self._urls.get(found[1], found[0]), text).encode()

    def _add(self, name: str, content: bytes) -> None:
        stem, dot, ending = name.rpartition(".")
        hashed = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{ending}"
        packed = gzip.compress(content, 9, mtime=0) if dot + ending in _PACKABLE else None
        self._urls[name] = f"/static/{hashed}"
        self._served[hashed] = Asset(content, packed, _TYPES[dot + ending])


@cache
def shipped() -> Assets:
    """What this release ships, read once by a process."""
    return Assets()


@get("/static/{name:path}", include_in_schema=False)
async def static(request: Request[None, None, State], name: FromPath[str]) -> Response[bytes]:
    """One static file; cached for ever, since its address changes with it."""
    assets: Assets = request.app.state.assets
    asset = assets.find(name.lstrip("/"))
    if asset is None:
        raise NotFound("There is no such file; reload the page, it may be of an older version.")
    headers = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
    if asset.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, media_type=asset.media_type, headers={**headers, "Content-Encoding": "gzip"})
    return Response(asset.content, media_type=asset.media_type, headers=headers)


def _styles(folder: Path) -> str:
    found = {path.relative_to(folder).as_posix(): path for path in _files(folder, "*.css")}
    order = [*(name for name in _FIRST if name in found), *(name for name in found if name not in _FIRST)]
    return "\n".join(found[name].read_text(encoding="utf-8") for name in order)


def _scripts(folder: Path) -> str:
    """Each script in a block of its own, so that no two share a name."""
    return "\n".join(f"{{\n{path.read_text(encoding='utf-8')}\n}}" for path in _files(folder, "*.js"))


def _files(folder: Path, pattern: str = "*") -> Iterable[Path]:
    return sorted(path for path in folder.rglob(pattern) if path.is_file())
