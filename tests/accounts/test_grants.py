"""What happens to a person's permission and its tokens."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from audiospective.accounts import grants, renewal
from audiospective.accounts.grants import GrantEnded
from audiospective.accounts.renewal import EndedForMany
from audiospective.infra.database import execute, fetch_all
from audiospective.infra.sealing import BrokenSeal, Sealer
from audiospective.spotify.errors import SpotifyError
from tests.stand_in import World


@pytest.fixture
async def mara(world: World) -> int:
    """Somebody who has just signed in."""
    return (await world.sign_in("mara")).person.id


async def _state(world: World, user: int) -> str:
    async with world.db.transaction() as conn:
        found = await grants.state(conn, user)
    return found.state if found else "none"


async def test_a_young_token_is_used_as_it_is(world: World, mara: int) -> None:
    world.clock.forward(minutes=54)
    assert await renewal.fresh(*world.parts, mara, world.clock) == world.stand_in.access_tokens["mara"]
    assert world.stand_in.asked["token"] == 1


async def test_a_token_is_refreshed_five_minutes_before_it_ends(world: World, mara: int) -> None:
    world.clock.forward(minutes=55)
    with capture_logs() as logs:
        token = await renewal.fresh(*world.parts, mara, world.clock)
    assert token == world.stand_in.access_tokens["mara"]
    assert world.stand_in.asked["token"] == 2
    assert logs[0]["event"] == "grant.refreshed"
    assert logs[0]["message"] == f"Token refreshed for user [{logs[0]['user']}]"
    assert str(mara) != logs[0]["user"]


async def test_two_refreshes_at_once_ask_spotify_once(world: World, mara: int) -> None:
    world.clock.forward(hours=2)
    world.stand_in.delay_s = 0.1
    tokens = await asyncio.gather(*(renewal.fresh(*world.parts, mara, world.clock) for _ in range(4)))
    assert set(tokens) == {world.stand_in.access_tokens["mara"]}
    assert world.stand_in.asked["token"] == 2


async def test_a_rotated_token_is_kept_over_many_refreshes(world: World, mara: int) -> None:
    for _ in range(4):
        world.clock.forward(hours=1)
        await renewal.fresh(*world.parts, mara, world.clock)
    assert world.stand_in.asked["token"] == 5


@pytest.mark.parametrize("sends_empty", [True, False])
async def test_without_a_new_refresh_token_the_old_one_goes_on(world: World, mara: int, sends_empty: bool) -> None:
    world.stand_in.rotates, world.stand_in.sends_empty = False, sends_empty
    for _ in range(3):
        world.clock.forward(hours=1)
        await renewal.fresh(*world.parts, mara, world.clock)
    assert world.stand_in.asked["token"] == 4


async def test_a_refresh_is_stored_although_its_asker_went_away(world: World, mara: int) -> None:
    world.clock.forward(hours=1)
    world.stand_in.delay_s = 0.2
    asker = asyncio.create_task(renewal.fresh(*world.parts, mara, world.clock))
    await asyncio.sleep(0.1)
    asker.cancel()
    await renewal.finished()
    world.clock.forward(hours=1)
    assert await renewal.fresh(*world.parts, mara, world.clock) == world.stand_in.access_tokens["mara"]


async def test_a_revoked_permission_ends_and_spotify_is_not_asked_again(world: World, mara: int) -> None:
    world.stand_in.refresh_tokens.clear()
    world.clock.forward(hours=1)
    for _ in range(3):
        with pytest.raises(GrantEnded, match=r"Refresh token revoked.*sign in with Spotify again"):
            await renewal.fresh(*world.parts, mara, world.clock)
    assert world.stand_in.asked["token"] == 2
    assert await _state(world, mara) == "ended"


async def test_signing_in_again_revives_an_ended_permission(world: World, mara: int) -> None:
    world.stand_in.refresh_tokens.clear()
    world.clock.forward(hours=1)
    with pytest.raises(GrantEnded):
        await renewal.fresh(*world.parts, mara, world.clock)
    again = await world.sign_in("mara")
    assert again.person.id == mara
    assert await renewal.fresh(*world.parts, mara, world.clock) == world.stand_in.access_tokens["mara"]


@pytest.mark.parametrize("status", [500, 429, 302])
async def test_trouble_on_the_way_never_ends_a_permission(world: World, mara: int, status: int) -> None:
    world.stand_in.trouble["token"] = (status, {}, {})
    world.clock.forward(hours=1)
    with pytest.raises(SpotifyError):
        await renewal.fresh(*world.parts, mara, world.clock)
    assert await _state(world, mara) == "active"
    world.stand_in.trouble.clear()
    assert await renewal.fresh(*world.parts, mara, world.clock) == world.stand_in.access_tokens["mara"]


async def test_a_refused_token_is_renewed_once_for_all_who_were_refused(world: World, mara: int) -> None:
    refused = await renewal.fresh(*world.parts, mara, world.clock)
    tokens = [await renewal.renewed(*world.parts, mara, world.clock, refused=refused) for _ in range(2)]
    assert tokens == [world.stand_in.access_tokens["mara"]] * 2
    assert world.stand_in.asked["token"] == 2


async def test_the_database_never_holds_a_token_in_the_clear(world: World, mara: int) -> None:
    async with world.db.transaction() as conn:
        dump = await fetch_all(conn, "SELECT access_token || refresh_token FROM grants", bytes)
    assert b"access-mara" not in dump[0]
    assert b"refresh-mara" not in dump[0]


async def test_tokens_moved_to_another_person_dont_open(world: World, mara: int) -> None:
    thief = await world.sign_in("thief")
    async with world.db.transaction() as conn:
        await execute(conn, "UPDATE grants SET access_token = (SELECT access_token FROM grants WHERE user_id = %(u)s)", u=mara)
    with pytest.raises(BrokenSeal):
        await renewal.fresh(*world.parts, thief.person.id, world.clock)


async def test_a_permission_given_to_another_app_asks_for_a_new_sign_in(world: World, mara: int) -> None:
    async with world.db.transaction() as conn:
        await execute(conn, "UPDATE grants SET client_id = 'another'")
    with pytest.raises(GrantEnded, match="another Spotify app"):
        await renewal.fresh(*world.parts, mara, world.clock)
    assert await _state(world, mara) == "active"


@pytest.mark.parametrize(("said", "kept_s"), [(1, 60), (3600, 3600), (10**9, 3600)])
async def test_an_absurd_life_of_a_token_is_bounded(world: World, said: int, kept_s: int) -> None:
    world.stand_in.expires_in = said
    noor = await world.sign_in("noor")
    async with world.db.transaction() as conn:
        found = await grants.state(conn, noor.person.id)
    assert found is not None
    assert (found.expires_at - world.clock.now()).total_seconds() == kept_s


async def _refused(world: World, *users: int) -> list[str]:
    """What comes of asking for each in turn, when Spotify knows none of their refresh tokens."""
    world.stand_in.refresh_tokens.clear()
    came = []
    for user in users:
        try:
            await renewal.fresh(*world.parts, user, world.clock)
        except (GrantEnded, EndedForMany) as error:
            came.append(type(error).__name__)
    return came


async def test_many_ends_at_once_disconnect_nobody(world: World) -> None:
    users = [(await world.sign_in(f"listener{n}")).person.id for n in range(8)]
    good = dict(world.stand_in.refresh_tokens)
    world.clock.forward(hours=1)
    assert await _refused(world, *users[:5]) == ["GrantEnded"] * 4 + ["EndedForMany"]
    assert [await _state(world, user) for user in users] == ["active"] * 8
    world.stand_in.refresh_tokens.update(good)
    assert await renewal.fresh(*world.parts, users[0], world.clock) == world.stand_in.access_tokens["listener0"]


async def test_a_few_ends_among_many_people_are_believed(world: World) -> None:
    users = [(await world.sign_in(f"listener{n}")).person.id for n in range(8)]
    world.clock.forward(hours=1)
    assert await _refused(world, *users[:3]) == ["GrantEnded"] * 3
    world.clock.forward(minutes=11)
    assert await _refused(world, *users[3:6]) == ["GrantEnded"] * 3


async def test_permissions_that_have_run_their_time_all_end(world: World) -> None:
    users = [(await world.sign_in(f"listener{n}")).person.id for n in range(6)]
    world.clock.forward(days=183)
    assert await _refused(world, *users) == ["GrantEnded"] * 6
    async with world.db.transaction() as conn:
        found = await grants.state(conn, users[0])
    assert found is not None
    assert found.ended_reason == "its six months are over"


async def test_many_ends_at_the_same_moment_disconnect_nobody(world: World) -> None:
    users = [(await world.sign_in(f"listener{n}")).person.id for n in range(7)]
    world.clock.forward(hours=1)
    world.stand_in.delay_s = 0.1
    world.stand_in.refresh_tokens.clear()
    await asyncio.gather(*(renewal.fresh(*world.parts, user, world.clock) for user in users), return_exceptions=True)
    ended = [await _state(world, user) for user in users].count("ended")
    assert ended < 5


async def test_a_rotation_seals_everything_anew_and_goes_on_after_an_interruption(world: World) -> None:
    for account in ("mara", "noor", "nils"):
        await world.sign_in(account)
    rotated = Sealer(["a newer secret", "a secret of the tests"])
    counts = []
    for _ in range(3):
        async with world.db.transaction() as conn:
            counts.append(await grants.reseal(conn, rotated, size=2))
    assert counts == [2, 1, 0]
    async with world.db.reading() as conn:
        users = await fetch_all(conn, "SELECT user_id FROM grants", int)
    assert len(await grants.at_hand(world.db, world.spotify, Sealer(["a newer secret"]), users, world.clock)) == 3


async def test_a_rotation_of_secrets_during_a_renewal_loses_no_token(world: World, mara: int) -> None:
    world.clock.forward(hours=1)
    world.stand_in.slow_s = {"mara": 0.3}
    renewing = asyncio.create_task(renewal.fresh(*world.parts, mara, world.clock))
    await asyncio.sleep(0.1)
    async with world.db.transaction() as conn:
        assert await grants.reseal(conn, Sealer(["a newer secret", "a secret of the tests"]), size=2) == 1
    await renewing
    world.clock.forward(hours=1)
    assert await renewal.fresh(*world.parts, mara, world.clock) == world.stand_in.access_tokens["mara"]


async def test_renewed_together_one_revoked_permission_costs_nobody_else_theirs(world: World) -> None:
    users = [(await world.sign_in(one)).person.id for one in ("mara", "noor", "nils")]
    world.clock.forward(hours=1)
    del world.stand_in.refresh_tokens["noor"]
    found = await renewal.fresh_together(*world.parts, users, world.clock)
    assert isinstance(found.pop(users[1]), GrantEnded)
    assert found == {users[0]: world.stand_in.access_tokens["mara"], users[2]: world.stand_in.access_tokens["nils"]}
    assert [await _state(world, user) for user in users] == ["active", "ended", "active"]
    world.clock.forward(hours=1)  # what was rotated then is what Spotify takes now
    assert await renewal.fresh(*world.parts, users[2], world.clock) == world.stand_in.access_tokens["nils"]


async def test_renewed_together_nobody_waits_for_a_permission_that_another_renews(world: World) -> None:
    users = [(await world.sign_in(one)).person.id for one in ("mara", "noor")]
    world.clock.forward(hours=1)
    world.stand_in.slow_s = {"mara": 0.5}
    other = asyncio.create_task(renewal.fresh(*world.parts, users[0], world.clock))
    await asyncio.sleep(0.2)
    found = await renewal.fresh_together(*world.parts, users, world.clock)
    assert (found, other.done()) == ({users[1]: world.stand_in.access_tokens["noor"]}, False)
    assert await other == world.stand_in.access_tokens["mara"]


async def test_many_ends_in_one_go_disconnect_nobody(world: World) -> None:
    users = [(await world.sign_in(f"listener{n}")).person.id for n in range(8)]
    world.clock.forward(hours=1)
    world.stand_in.refresh_tokens.clear()
    found = await renewal.fresh_together(*world.parts, users, world.clock)
    assert {type(error) for error in found.values()} == {EndedForMany}
    assert [await _state(world, user) for user in users] == ["active"] * 8
