"""Several Spotify apps on one instance: each with its own credentials, seats and budget."""

from __future__ import annotations

from datetime import timedelta

import pytest

from audiospective.accounts import apps, grants, people
from audiospective.accounts.sign_in import Came, SignedIn, sign_in
from audiospective.archive import history
from audiospective.archive.plays import UserId
from audiospective.collect.sweep import sweep_due, sweep_person
from audiospective.errors import Conflict, Invalid
from audiospective.infra.database import fetch_all
from audiospective.infra.sealing import Sealer
from audiospective.spotify import quota
from audiospective.spotify.quota import Lane
from tests.stand_in import World

ID, SECRET = "a1" * 16, "5e" * 16


async def bring(world: World, user: int, *, client_id: str = ID, secret: str = SECRET) -> None:
    async with world.db.transaction() as conn:
        await apps.bring(conn, world.spotify, world.sealer, user, client_id=client_id, secret=secret, now=world.clock.now())


async def by_own_app(world: World, account: str, *, joins: int = 0) -> SignedIn:
    async with world.db.transaction() as conn:
        app = await apps.named(conn, world.spotify, world.sealer, ID)
    assert app is not None
    return await sign_in(world.db, app, world.sealer, world.clock, Came(f"code-{account}", "v", "http://127.0.0.1/", joins))


async def plays(world: World, user: int) -> int:
    async with world.db.transaction() as conn:
        return len((await history.load(conn, UserId(user))).ended_at)


async def budget(world: World, client_id: str) -> quota.Budget:
    async with world.db.transaction() as conn:
        return await quota.budget(conn, client_id, world.clock.now())


async def newcomer(world: World, name: str = "noor") -> int:
    async with world.db.transaction() as conn:
        return (await people.add(conn, name, world.clock.now())).id


async def test_everyone_is_asked_about_through_their_own_app_and_its_budget(world: World) -> None:
    mara, noor = (await world.sign_in("mara")).person.id, await newcomer(world)
    await bring(world, noor)
    assert (await by_own_app(world, "noor", joins=noor)).person.id == noor
    for account in ("mara", "noor"):
        world.stand_in.hear(account, (world.clock.now(), "song"))
    swept = await sweep_due(*world.parts, world.clock)
    assert (swept.leased, swept.new, await plays(world, mara), await plays(world, noor)) == (2, 2, 1, 1)
    for client_id in (world.spotify.client_id, ID):
        spent = await budget(world, client_id)
        assert (spent.day[Lane.SWEEP], spent.day[Lane.SIGN_IN]) == (1, 2)
    assert world.stand_in.apps == {"app", ID}


async def test_one_apps_pause_stops_nobody_of_another(world: World) -> None:
    mara, noor = (await world.sign_in("mara")).person.id, await newcomer(world)
    await bring(world, noor)
    await by_own_app(world, "noor", joins=noor)
    async with world.db.transaction() as conn:
        await quota.pause(conn, world.spotify.client_id, world.clock.now() + timedelta(hours=5))
    for account in ("mara", "noor"):
        world.stand_in.hear(account, (world.clock.now(), "song"))
    assert (await sweep_due(*world.parts, world.clock)).leased == 1
    assert (await plays(world, mara), await plays(world, noor)) == (0, 1)
    assert (await sweep_person(*world.parts, world.clock, UserId(noor))).troubles == ()


async def test_when_an_app_goes_its_people_are_told_to_sign_in_anew(world: World) -> None:
    noor = await newcomer(world)
    await bring(world, noor)
    await by_own_app(world, "noor", joins=noor)
    async with world.db.transaction() as conn:
        assert await apps.drop(conn, noor)
    (trouble,) = (await sweep_due(*world.parts, world.clock)).troubles
    assert (trouble.kind, "another Spotify app" in trouble.message) == ("ended", True)


async def test_an_app_goes_with_whoever_brought_it_and_its_other_people_stay(world: World) -> None:
    noor = await newcomer(world)
    await bring(world, noor)
    await by_own_app(world, "noor", joins=noor)
    friend = (await by_own_app(world, "olu")).person.id
    async with world.db.transaction() as conn:
        await people.remove(conn, noor)
        assert (await apps.named(conn, world.spotify, world.sealer, ID), (await people.by_id(conn, friend)).id) == (None, friend)
    assert [one.lease.user_id for one in (await sweep_due(*world.parts, world.clock)).troubles] == [friend]


async def test_the_secret_is_sealed_and_sealed_anew_with_the_rest(world: World) -> None:
    noor = await newcomer(world)
    await bring(world, noor)
    newer = Sealer(["another secret of the tests", "a secret of the tests"])
    async with world.db.transaction() as conn:
        (kept,) = await fetch_all(conn, "SELECT client_secret FROM spotify_apps WHERE id > 0", bytes)
        assert SECRET.encode() not in kept
        assert (await grants.not_under(conn, newer.key_ids[0]), await apps.reseal(conn, newer), await apps.reseal(conn, newer)) == (1, 1, 0)
        app = await apps.named(conn, world.spotify, newer, ID)
    assert app is not None
    assert app.settings.client_secret.reveal() == SECRET


async def test_an_app_is_brought_once(world: World) -> None:
    noor, olu = await newcomer(world), await newcomer(world, "olu")
    await bring(world, noor)
    await bring(world, noor, secret="6f" * 16)
    with pytest.raises(Conflict):
        await bring(world, olu)
    for client_id, secret in (("short", SECRET), (ID, ""), (f"{ID[:-1]}\n", SECRET)):
        with pytest.raises(Invalid):
            await bring(world, olu, client_id=client_id, secret=secret)


async def test_a_spotify_account_that_has_an_archive_joins_no_other(world: World) -> None:
    await world.sign_in("mara")
    noor = await newcomer(world)
    await bring(world, noor)
    with pytest.raises(Conflict):
        await by_own_app(world, "mara", joins=noor)
    assert await plays(world, noor) == 0


async def test_seats_are_counted_for_each_app(world: World) -> None:
    for account in ("mara", "olu", "pia"):
        await world.sign_in(account)
    noor = await newcomer(world)
    await bring(world, noor)
    await by_own_app(world, "noor", joins=noor)
    async with world.db.transaction() as conn:
        found = await apps.seats(conn, world.spotify)
    assert [(one.client_id, one.owner, one.taken) for one in found] == [("app", "", 3), (ID, "noor", 1)]
