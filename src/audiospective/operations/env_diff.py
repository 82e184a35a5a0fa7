"""Does the environment here say what the environment there says? Names and equality; no value is ever told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from audiospective.operations.probes.environment import MANIFEST
from audiospective.operations.providers.ports import Variable

_PREFIXES = ("AUDIOSPECTIVE_",)


class Differs(StrEnum):
    """How one variable stands."""

    HERE_ALONE = "here alone"
    THERE_ALONE = "there alone"
    DIFFERENT = "different"
    WRITE_ONLY = "can't be compared: write-only there"


class Difference(msgspec.Struct, frozen=True):
    """A variable that isn't known to be the same."""

    name: str
    how: Differs


def with_hosting(here: Mapping[str, str], there: Sequence[Variable], known: Sequence[str]) -> list[Difference]:
    """What differs between this environment and the host's; of ours only names that we read. Pure."""
    names = {*known, *(name for name, _, _ in MANIFEST)}
    ours = {name: value.strip() for name, value in here.items() if name in names and value.strip()}
    theirs = {one.name: one for one in there}
    found = [_compared(name, ours.get(name), theirs.get(name)) for name in sorted({*ours, *theirs})]
    return [one for one in found if one is not None]


def of_file(written: Mapping[str, str], real: Mapping[str, str], known: Sequence[str]) -> list[Difference]:
    """On one machine: what `.env` says that the environment overrides, or that nobody reads. Pure."""
    names = {*known, *(name for name, _, _ in MANIFEST)}
    unread = [Difference(name, Differs.THERE_ALONE) for name in sorted(written) if name not in names and not name.startswith(_PREFIXES)]
    overridden = [name for name, value in sorted(written.items()) if name in names and real.get(name, value).strip() != value.strip()]
    return [*(Difference(name, Differs.DIFFERENT) for name in overridden), *unread]


def _compared(name: str, here: str | None, there: Variable | None) -> Difference | None:
    if there is None:
        return Difference(name, Differs.HERE_ALONE)
    if here is None:
        return Difference(name, Differs.THERE_ALONE)
    if there.value is None:
        return Difference(name, Differs.WRITE_ONLY)
    return None if there.value.reveal().strip() == here else Difference(name, Differs.DIFFERENT)
