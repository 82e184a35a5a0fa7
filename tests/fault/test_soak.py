"""A long life of many listeners with everything going wrong. `make soak` lets 200 live for a year; here a few live for some days.

At the end: what is stored is what Spotify ever told in time (or an export brought), and the ledger names every play that was missed.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

from tests.fault.test_campaign import Campaign, Life
from tests.stand_in import World

_LISTENERS = int(os.environ.get("SOAK_LISTENERS", "3"))
_DAYS = int(os.environ.get("SOAK_DAYS", "6"))
_SEED = int(os.environ.get("SOAK_SEED", "1"))
#: Spotify never tells more than 50; the rest of what was heard is only remembered by the checker.
_TOLD = 400


class Soak(Campaign):
    """Lives with sleep in them; trouble of every kind, never for as long as a life."""

    async def begin(self) -> None:
        self.world.stand_in.rotates = True
        for n in range(_LISTENERS):
            account = f"listener{n}"
            self.lives.append(Life(account, (await self.world.sign_in(account)).person.id))

    async def live(self) -> None:
        """A day by hours: most hears nothing, some listen, one has a party."""
        for _ in range(24):
            began = self.world.clock.now()
            for life in self.lives:
                if self.chance.random() < 0.12:
                    self._session(life, began)
            self.world.clock.forward(hours=1)
            await self.sweep()
        for life in self.lives:
            del self.world.stand_in.plays[life.account][_TOLD:]
        if self.chance.random() < 0.3:
            await self.calm()

    def _session(self, life: Life, began: datetime) -> None:
        pace = timedelta(seconds=self.chance.choice([45, 180, 210, 240, 600]))
        at, until = began + timedelta(seconds=self.chance.uniform(1, 60)), began + timedelta(minutes=self.chance.choice([10, 30, 59]))
        while at < until:
            self._hear(life, at.replace(microsecond=self.chance.randrange(1000) * 1000))
            at += pace


async def test_a_long_life_is_whole_or_says_what_it_lacks(world: World, tmp_path: Path) -> None:
    soak = Soak(world, _SEED, tmp_path)
    await soak.begin()
    ends = world.clock.now() + timedelta(days=_DAYS)
    while world.clock.now() < ends:
        await soak.step()
    await soak.settle()
    for life in soak.lives:
        await soak.check(life)
    print(f"{len(soak.lives)} listeners, {_DAYS} days, {sum(len(life.heard) for life in soak.lives):,} plays heard; {dict(soak.reached)}")
