"""Which of the packages that we run on have a known hole? Asked of OSV, which gathers the advisories of PyPI, GitHub and others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import aiohttp
import msgspec

from audiospective.operations.providers.asking import Api, Odd, Patience, Question, read

#: Packages asked about at once; OSV takes a thousand.
_BATCH: Final = 500
#: An advisory that doesn't say how bad it is may be as bad as any.
_UNSAID: Final = "HIGH"


class Package(msgspec.Struct, frozen=True):
    """One that is installed."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Advisory:
    """A known hole; `severity` is CRITICAL, HIGH, MODERATE or LOW."""

    id: str
    package: str
    version: str
    severity: str
    summary: str

    @property
    def is_bad(self) -> bool:
        """Whether it can't wait."""
        return self.severity not in {"MODERATE", "MEDIUM", "LOW"}


class _Named(msgspec.Struct):
    id: str


class _Result(msgspec.Struct):
    vulns: list[_Named] = []
    next_page_token: str = ""


class _Batch(msgspec.Struct):
    results: list[_Result]


class _Specific(msgspec.Struct):
    severity: str = ""


class _Hole(msgspec.Struct):
    id: str
    summary: str = ""
    aliases: list[str] = []
    withdrawn: str = ""
    database_specific: _Specific = msgspec.field(default_factory=_Specific)


async def advisories(
    http: aiohttp.ClientSession, base: str, packages: Sequence[Package], patience: Patience | None = None
) -> list[Advisory]:
    """Those of these versions, each hole once under its first name. Raises a ProviderError when not all could be asked about."""
    api = Api(http, "OSV", base, "", patience=patience or Patience())
    found: list[Advisory] = []
    known: set[str] = set()
    for begin in range(0, len(packages), _BATCH):
        for package, names in await _named(api, packages[begin : begin + _BATCH]):
            for name in names:
                hole = await read(api, Question("an advisory", "GET", f"/v1/vulns/{name}"), _Hole)
                if not hole.withdrawn and not known & {hole.id, *hole.aliases}:
                    severity = hole.database_specific.severity.upper() or _UNSAID
                    found.append(Advisory(hole.id, package.name, package.version, severity, hole.summary[:200]))
                known |= {hole.id, *hole.aliases}
    return found


async def _named(api: Api, packages: Sequence[Package]) -> list[tuple[Package, list[str]]]:
    """Ids of holes by package; GitHub's names first, since those say how bad they are."""
    asked = [{"package": {"name": one.name, "ecosystem": "PyPI"}, "version": one.version} for one in packages]
    told = await read(api, Question("advisories", "POST", "/v1/querybatch", json={"queries": asked}, repeats=True), _Batch)
    if len(told.results) != len(packages) or any(one.next_page_token for one in told.results):
        raise Odd(f"OSV answered about {len(told.results)} of {len(packages)} packages, or not whole.")
    pairs = zip(packages, told.results, strict=True)
    return [(package, sorted((one.id for one in result.vulns), key=lambda name: not name.startswith("GHSA"))) for package, result in pairs]
