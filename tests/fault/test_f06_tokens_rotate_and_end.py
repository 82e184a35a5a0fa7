"""F06: tokens that expire, rotate and end at the worst moment: the newest is never lost, one refresh at a time, told once."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import aiohttp
import pytest

from audiospective.accounts import grants, renewal
from audiospective.accounts.grants import BROKEN_OFF, GrantEnded
from audiospective.accounts.renewal import RENEWING
from audiospective.collect import notices
from audiospective.collect.sweep import sweep_due, sweep_person
from audiospective.spotify.http import Spotify
from tests.fault.conftest import Killed, Mortal
from tests.stand_in import World


async def test_an_access_token_that_ends_in_the_middle_costs_one_refresh(world: World) -> None:
    user = (await world.sign_in("mara")).person.id
    world.stand_in.access_tokens["mara"] = "another"
    tokens = world.stand_in.asked["token"]
    swept = await sweep_person(*world.parts, world.clock, user)
    assert (swept.troubles, world.stand_in.asked["token"] - tokens, world.stand_in.asked["plays"]) == ((), 1, 2)


async def test_two_refreshes_at_once_are_one(world: World) -> None:
    user = (await world.sign_in("mara")).person.id
    world.clock.forward(hours=1)
    world.stand_in.delay_s = 0.05
    tokens = world.stand_in.asked["token"]
    had = await asyncio.gather(*(renewal.fresh(*world.parts, user, world.clock) for _ in range(3)))
    assert (len(set(had)), world.stand_in.asked["token"] - tokens) == (1, 1)


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("commit", [0, 1, 2])
@pytest.mark.parametrize("rotates", [False, True])
async def test_who_is_killed_at_a_commit_loses_only_the_answer_that_was_not_stored(
    world: World, rotates: bool, commit: int, committed: bool
) -> None:
    """The commits: looking, beginning, storing. The archive stays, and who is asked to sign in again is told why."""
    user = (await world.sign_in("mara")).person.id
    world.stand_in.rotates = rotates
    world.clock.forward(hours=1)
    mortal = Mortal(world.db.dsn, dies_at=commit, committed=committed)
    await mortal.open()
    with pytest.raises(Killed):
        await renewal.fresh(mortal, world.spotify, world.sealer, user, world.clock)
    await mortal.close()
    world.clock.forward(seconds=RENEWING.total_seconds())
    swept = await sweep_person(*world.parts, world.clock, user)
    is_lost = rotates and (commit, committed) == (2, False)
    assert [(one.kind.value, BROKEN_OFF in one.message) for one in swept.troubles] == ([("ended", True)] if is_lost else [])


async def test_an_answer_is_stored_while_slower_ones_are_still_waited_for(world: World) -> None:
    people = {one: (await world.sign_in(one)).person.id for one in ("mara", "nils", "noor", "olu")}
    world.clock.forward(hours=1)
    world.stand_in.slow_s = {"noor": 30.0}
    renewing = asyncio.create_task(renewal.fresh_together(*world.parts, list(people.values()), world.clock))
    held: dict[int, str] = {}
    for _ in range(1_000):
        await asyncio.sleep(0.02)
        held = await grants.at_hand(world.db, world.spotify, world.sealer, list(people.values()), world.clock)
        if len(held) == 3:
            break
    assert held == {people[one]: world.stand_in.access_tokens[one] for one in ("mara", "nils", "olu")}
    assert not renewing.done()
    renewing.cancel()


class _Breaking:
    """A client that fails as nobody foresaw when it is to ask about one of the tokens, and else asks."""

    def __init__(self, http: aiohttp.ClientSession, token: str) -> None:
        self._http, self._token = http, token

    def request(self, method: str, url: str, **how: Any) -> Any:
        if how["data"]["refresh_token"] == self._token:
            raise RuntimeError("Session is closed")
        return self._http.request(method, url, **how)


async def test_a_bug_in_asking_for_one_loses_nobody_elses_answer(world: World) -> None:
    people = {one: (await world.sign_in(one)).person.id for one in ("mara", "nils", "noor")}
    world.clock.forward(hours=1)
    world.stand_in.slow_s = {"mara": 0.1, "noor": 0.2}
    http = cast(aiohttp.ClientSession, _Breaking(world.spotify.http, world.stand_in.refresh_tokens["nils"]))
    spotify = Spotify(http, world.spotify.settings, world.spotify.patience)
    with pytest.raises(RuntimeError):
        await renewal.fresh_together(world.db, spotify, world.sealer, list(people.values()), world.clock)
    held = await grants.at_hand(world.db, world.spotify, world.sealer, list(people.values()), world.clock)
    assert held == {people[one]: world.stand_in.access_tokens[one] for one in ("mara", "noor")}


async def test_who_died_leaves_a_permission_alone_for_a_minute(world: World) -> None:
    user = (await world.sign_in("mara")).person.id
    world.clock.forward(hours=1)
    mortal = Mortal(world.db.dsn, dies_at=0, committed=True)
    await mortal.open()
    with pytest.raises(Killed):
        await renewal.fresh_together(mortal, world.spotify, world.sealer, [user], world.clock)
    await mortal.close()
    assert await renewal.fresh_together(*world.parts, [user], world.clock) == {}
    world.clock.forward(seconds=RENEWING.total_seconds())
    assert await renewal.fresh_together(*world.parts, [user], world.clock) == {user: world.stand_in.access_tokens["mara"]}


async def test_what_was_stored_late_ends_nobody_who_was_refused_meanwhile(world: World) -> None:
    """One stood still for more than its minute, after Spotify had rotated the token; another was told that the old one is revoked."""
    user = (await world.sign_in("mara")).person.id
    world.clock.forward(hours=1)
    world.stand_in.slow_s = {"mara": 0.5}
    frozen = asyncio.create_task(renewal.fresh_together(*world.parts, [user], world.clock))
    await asyncio.sleep(0.2)
    world.clock.forward(seconds=RENEWING.total_seconds())
    kept, world.stand_in.refresh_tokens["mara"] = world.stand_in.refresh_tokens["mara"], "rotated already"
    with pytest.raises(GrantEnded):
        await renewal.fresh(*world.parts, user, world.clock)
    world.stand_in.refresh_tokens["mara"] = kept
    await frozen
    assert await renewal.fresh(*world.parts, user, world.clock) == world.stand_in.access_tokens["mara"]


async def test_a_sign_in_during_a_renewal_is_not_overwritten(world: World) -> None:
    user = (await world.sign_in("mara")).person.id
    world.clock.forward(hours=1)
    world.stand_in.slow_s = {"mara": 0.3}
    renewing = asyncio.create_task(renewal.fresh_together(*world.parts, [user], world.clock))
    await asyncio.sleep(0.1)
    world.stand_in.slow_s = {}
    await world.sign_in("mara")
    signed_in = world.stand_in.access_tokens["mara"], world.stand_in.refresh_tokens["mara"]
    await renewing
    world.stand_in.access_tokens["mara"], world.stand_in.refresh_tokens["mara"] = signed_in
    assert await renewal.fresh(*world.parts, user, world.clock) == signed_in[0]
    world.clock.forward(hours=1)
    assert await renewal.fresh(*world.parts, user, world.clock) == world.stand_in.access_tokens["mara"]


async def test_who_took_back_the_permission_is_told_once_and_spotify_asked_no_more(world: World) -> None:
    await world.sign_in("mara")
    world.stand_in.refresh_tokens.clear()
    told = []
    for _ in range(10):
        world.clock.forward(hours=25)
        await sweep_due(*world.parts, world.clock)
        told += await notices.tell(world.db, world.clock, app_url="http://x")
    assert ([one.value for one in told], world.stand_in.asked["token"]) == (["stopped"], 2)
