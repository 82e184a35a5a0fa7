"""A rollback rehearsed where nobody is hurt: two releases on a staging copy, to and fro under load, health and data compared."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgspec

from audiospective.infra.clock import Clock
from audiospective.infra.dumping import fingerprints_of
from audiospective.operations import deploy, releases
from audiospective.operations.deploy import Errand
from audiospective.operations.load import visitors
from audiospective.operations.releases import Release
from audiospective.operations.supervision import Stage

#: Two commits that no checkout has.
_ONE, _OTHER = "00000001", "00000002"
#: What nobody touches while a rehearsal runs.
_HELD: Final = ("people", "plays", "tracks")

Pair = tuple[Release, Release]


class Drilled(msgspec.Struct, frozen=True):
    """What the rehearsal found; times in seconds from the order to the third healthy answer."""

    rounds: int
    slowest_s: float
    median_s: float
    requests: int
    failed: tuple[str, ...]
    slowest_request_s: float
    rows: int
    is_data_there: bool

    @property
    def rolled_back(self) -> bool:
        """Whether everything went as it must."""
        return not self.failed and self.is_data_there


def deployed(home: Path, clock: Clock) -> Pair:
    """Lay both out on the copy's data folder, and let the first be what it starts with."""
    errand, now, own = _errand(home, clock), clock.now(), version("audiospective")
    one = deploy.keep_seal(errand, releases.copy_installed(home, _ONE, now))
    other = deploy.keep_seal(errand, releases.copy_installed(home, _OTHER, now, version=f"{own}+drill"))
    releases.point(home, one.id)
    return one, other


async def rehearse(home: Path, address: str, dsn: str, clock: Clock, pair: Pair, *, rounds: int) -> Drilled:
    """So many times from the first, which serves, to the other and back, while visitors ask all the time."""
    errand, (one, other) = _errand(home, clock), pair
    before, taken = await fingerprints_of(dsn), []
    async with visitors(address, clock) as load:
        for _ in range(rounds):
            await deploy.switch(errand, other, watch_s=0, is_rollback=True)
            done = await deploy.switch(errand, one, watch_s=0, is_rollback=True)
            taken.append(done.stages[Stage.HEALTHY])
    after = await fingerprints_of(dsn)
    return Drilled(
        rounds=rounds,
        slowest_s=max(taken),
        median_s=sorted(taken)[len(taken) // 2],
        requests=load.asked,
        failed=tuple(load.failed),
        slowest_request_s=round(load.slowest_s, 3),
        rows=sum(before[name].rows for name in _HELD),
        is_data_there=all(before[name] == after[name] for name in _HELD),
    )


def _errand(home: Path, clock: Clock) -> Errand:
    return Errand(home, "drill", clock, lambda _: None)
