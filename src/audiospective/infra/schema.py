"""The files that make a schema, and which program can live with which of them.

A file only adds, so that the release before goes on working on the new schema. What takes something away is a release later, and its
first line says since when nobody needs it: `-- contract: safe from 0021`. A program that knows 0021 works on, an older one is refused.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from importlib.resources.abc import Traversable

import msgspec

_NAME = re.compile(r"\d{4}_[a-z0-9_]+\.sql")
_CONTRACT = re.compile(r"-- contract: safe from (\d{4})\n")


class Applied(msgspec.Struct, frozen=True):
    """A migration that a database has had; `safe_from` is "" for one that only adds."""

    name: str
    checksum: str
    safe_from: str

    def is_safe_for(self, last_known: str) -> bool:
        """Whether a program whose last migration is that number can live with it."""
        return self.name[:4] <= last_known or self.safe_from <= last_known


class Migration(msgspec.Struct, frozen=True):
    """A file of a program's."""

    name: str
    text: str

    @property
    def checksum(self) -> str:
        """By which a change is seen."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def safe_from(self) -> str:
        """The number from which on nobody misses what it takes away; "" when it only adds."""
        found = _CONTRACT.match(self.text)
        return found[1] if found else ""


def read(folder: Traversable) -> list[Migration]:
    """The files of a folder, in order; two with one number are a mistake."""
    names = sorted(entry.name for entry in folder.iterdir() if _NAME.fullmatch(entry.name))
    numbers = [name[:4] for name in names]
    if len(set(numbers)) != len(numbers):
        raise ValueError(f"two migrations share a number: {names}")
    return [Migration(name.removesuffix(".sql"), folder.joinpath(name).read_text(encoding="utf-8")) for name in names]


def missed(applied: Iterable[Applied], last_known: str) -> list[str]:
    """The migrations that took away what a program needs whose last migration is that number."""
    return [row.name for row in applied if not row.is_safe_for(last_known)]
