"""Lives that are easy to get wrong: trackers of many years beside two accounts; two thousand people behind one small quota.

A token that died in August, and a party, are told in test_ledger_of_lives.py.
"""

from __future__ import annotations

import itertools
import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from audiospective.accounts import grants, people
from audiospective.archive import history, removal
from audiospective.archive.ingest import store
from audiospective.archive.plays import Source, UserId
from audiospective.archive.witnesses import witnesses
from audiospective.collect import leases
from audiospective.collect.imports import run
from audiospective.collect.sweep import sweep_due
from audiospective.infra.database import execute, fetch_all
from audiospective.spotify import quota
from audiospective.spotify.oauth import TokenPair
from audiospective.spotify.quota import Lane
from tests.archive.listens import EVENING, Heard, batch
from tests.collect.imports import exports, tracker_files
from tests.stand_in import World

_LENGTH_S = 200


@dataclass(frozen=True, slots=True)
class _Heard:
    """One listening: when it ended, what it was, and by which of two accounts."""

    ended: datetime
    song: str
    account: int


def _years(seed: int) -> list[_Heard]:
    """From 2009 on a few evenings a year; from 2015 on by one account, in some years by the other too."""
    chance, found = random.Random(seed), []
    for year in range(2009, 2026):
        at = datetime(year, 3, 1, 18, tzinfo=UTC)
        for _ in range(30):
            at += timedelta(minutes=chance.randrange(10, 9000), seconds=chance.randrange(60))
            found.append(_Heard(at, f"Song {chance.randrange(25):02}", 1 + (2018 <= year <= 2022 and chance.random() < 0.4)))
    return found


def _lastfm(heard: list[_Heard]) -> bytes:
    """Everything since 2009, told by when it began."""
    rows = [f'"{_began(one)}","x","Marrow Coast","","Estuary","","{one.song}",""' for one in heard]
    return "\r\n".join(['"uts","utc_time","artist","artist_mbid","album","album_mbid","track","track_mbid"', *rows, ""]).encode()


def _rival(heard: list[_Heard]) -> bytes:
    """Another tracker's archive of some years, with lengths."""
    kept = [one for one in heard if one.ended.year in {2019, 2020, 2021}]
    lines = (tracker_files.listen(_began(one), one.song, "Marrow Coast", "Estuary", duration_ms=_LENGTH_S * 1000) for one in kept)
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def _began(one: _Heard) -> int:
    return int(one.ended.timestamp()) - _LENGTH_S


def _package(folder: Path, heard: list[_Heard], account: int) -> Path:
    """Spotify's export of one account, from 2015 on."""
    own = [one for one in heard if one.account == account and one.ended.year >= 2015]
    rows = [exports.extended(f"{one.ended:%Y-%m-%dT%H:%M:%SZ}", _LENGTH_S * 1000, track=one.song) for one in own]
    return exports.write_zip(folder / f"account{account}.zip", Streaming_History_Audio_2015=rows)


async def _bring(world: World, user: UserId, path: Path) -> int:
    async with world.db.transaction() as conn:
        import_id = await run.begin(conn, user, name=path.name, size=1, now=world.clock.now())
    await run.run(world.db, import_id, [path], world.clock)
    return import_id


async def _ended(world: World, user: UserId) -> list[int]:
    async with world.db.reading() as conn:
        return [us // 1_000_000 for us in (await history.load(conn, user)).ended_at.tolist()]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::11])
async def test_lastfm_since_2009_two_accounts_and_a_rivals_archive_are_each_listening_once(
    world: World, tmp_path: Path, order: tuple[int, ...]
) -> None:
    heard = _years(4)
    (tmp_path / "lastfm.csv").write_bytes(_lastfm(heard))
    (tmp_path / "rival.jsonl").write_bytes(_rival(heard))
    files = [tmp_path / "lastfm.csv", _package(tmp_path, heard, 1), _package(tmp_path, heard, 2), tmp_path / "rival.jsonl"]
    user = UserId((await world.sign_in("mara")).person.id)
    brought = {place: await _bring(world, user, files[place]) for place in order}
    known = [one for one in heard if one.ended.year >= 2015]
    found = await _ended(world, user)
    assert len(found) == len(heard)
    assert set(found) >= {int(one.ended.timestamp()) for one in known}  # the richest report stands for each
    async with world.db.transaction() as conn:
        await removal.undo_import(conn, user, brought[3])
    assert await _ended(world, user) == found  # others tell of all that the rival told of
    async with world.db.transaction() as conn:
        await removal.undo_import(conn, user, brought[0])
    assert len(await _ended(world, user)) == len(known)


async def test_every_source_is_kept_as_a_witness(world: World, tmp_path: Path) -> None:
    heard = [_Heard(EVENING, "Song 01", 1)]
    (tmp_path / "lastfm.csv").write_bytes(_lastfm(heard))
    user = UserId((await world.sign_in("mara")).person.id)
    async with world.db.transaction() as conn:
        await store(conn, [batch(user, Source.API, Heard(0.4, "Song 01"))])
    for path in (tmp_path / "lastfm.csv", _package(tmp_path, heard, 1)):
        await _bring(world, user, path)
    async with world.db.transaction() as conn:
        seen = await history.load(conn, user)
        told = await witnesses(conn, user, int(seen.ended_at[0]), int(seen.track_ids[seen.track[0]]))
    assert len(seen) == 1
    assert {one.source for one in told} == {Source.API, Source.EXTENDED, Source.LASTFM}


async def _two_thousand(world: World) -> list[int]:
    """As many listeners of one Spotify app, all due now; what each hears is of no matter here."""
    now = world.clock.now()
    async with world.db.transaction() as conn:
        add = (
            "INSERT INTO people (name, display_name, created_at) SELECT 'l' || n, 'l', %(now)s FROM generate_series(1, 2000) n RETURNING id"
        )
        users = await fetch_all(conn, add, int, now=now)
        for user in users:
            pair = TokenPair(f"access-{user}", "refresh", 90_000, "")
            await grants.store(conn, world.sealer, user, pair, client_id=world.spotify.client_id, now=now)
            world.stand_in.access_tokens[f"l{user}"] = pair.access_token
        await execute(conn, "INSERT INTO sweeps (user_id, due_at) SELECT p.id, %(now)s FROM people p", now=now)
    return users


async def test_two_thousand_people_behind_one_quota_take_turns_and_whoever_is_closest_to_a_loss_comes_first(world: World) -> None:
    users = await _two_thousand(world)
    async with world.db.transaction() as conn:
        await quota.spend(conn, world.spotify.client_id, Lane.SWEEP, 1300, world.clock.now() - timedelta(hours=23))
        assert await quota.learn(conn, world.spotify.client_id, world.clock.now()) == 1300  # a day: 51 an hour for sweeps
    world.clock.forward(hours=2)
    for _ in range(3):
        swept = await sweep_due(*world.parts, world.clock)
        again = await sweep_due(*world.parts, world.clock)
        assert (swept.leased, again.leased) == (51, 0)
        world.clock.forward(hours=1)
    async with world.db.transaction() as conn:
        asked = await fetch_all(conn, "SELECT user_id FROM sweeps WHERE asked_at IS NOT NULL", int)
        assert (len(asked), world.stand_in.asked["plays"]) == (153, 153)  # never anybody twice while others wait
        full = "UPDATE sweeps SET fill_s = 1500, asked_at = %(then)s WHERE user_id = ANY(%(busy)s)"
        await execute(conn, full, busy=asked[:20], then=world.clock.now() - timedelta(hours=1))
        await execute(conn, "UPDATE sweeps SET asked_at = %(now)s, fill_s = 90000 WHERE asked_at IS NULL", now=world.clock.now())
        await execute(conn, "UPDATE sweeps SET due_at = %(now)s", now=world.clock.now())
        at_risk = await leases.at_risk(conn, world.clock.now())
        assert {one.name for one in at_risk} >= {person.name for person in await people.everyone(conn) if person.id in asked[:20]}
    await sweep_due(*world.parts, world.clock)
    async with world.db.reading() as conn:
        just_now = await fetch_all(
            conn, "SELECT user_id FROM sweeps WHERE asked_at = %(now)s AND fill_s < 90000", int, now=world.clock.now()
        )
    assert set(asked[:20]) <= set(just_now) <= set(users)
