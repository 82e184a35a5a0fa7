"""Many listens in portions: every one once, no portion too large, cut where nobody listened, and the same archive as of the whole."""

from __future__ import annotations

import itertools
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from audiospective.archive import history
from audiospective.archive.ingest import store
from audiospective.archive.plays import Batch, Source, UserId
from audiospective.archive.portions import portions
from audiospective.infra.database import Connection
from tests.archive.listens import Heard, batch

_USER = UserId(1)


def _ends(one: Batch) -> list[int]:
    return [int(end) for end in one.listens.ended_at]


@given(st.lists(st.lists(st.integers(0, 400), max_size=30), max_size=5), st.integers(2, 12))
def test_every_listen_is_in_one_portion_of_no_more_than_its_size(told: list[list[int]], rows: int) -> None:
    batches = [batch(_USER, Source.API, *(Heard(second, f"song {second % 7}") for second in one)) for one in told]
    cut = list(portions(batches, rows))
    assert all(sum(len(piece.listens) for _, piece in portion) <= rows for portion in cut)
    for place, whole in enumerate(batches):
        pieces = [piece for portion in cut for at, piece in portion if at == place]
        assert Counter(end for piece in pieces for end in _ends(piece)) == Counter(_ends(whole))
        assert all(max(_ends(one)) <= min(_ends(other)) for one, other in itertools.pairwise(pieces))


def test_a_long_batch_is_cut_at_the_longest_silence_at_hand() -> None:
    seconds = [0, 200, 400, 600, 50_000, 50_200, 50_400]
    cut = list(portions([batch(_USER, Source.API, *(Heard(second, "a") for second in seconds))], 6))
    assert [len(piece.listens) for portion in cut for _, piece in portion] == [4, 3]


async def test_portions_of_two_sources_make_the_archive_of_the_whole(conn: Connection, user: UserId, other: UserId) -> None:
    heard = [Heard(second, f"song {second % 3}", 30_000) for second in range(0, 4_000, 130)]
    late = [Heard(one.second + 20, one.song, 30_000) for one in heard]
    for source, told in ((Source.EXTENDED, heard), (Source.OWN, late)):
        await store(conn, [batch(user, source, *told)])
        for portion in portions([batch(other, source, *told)], 4):
            await store(conn, [piece for _, piece in portion])
    one, same = await history.load(conn, user), await history.load(conn, other)
    assert (one.ended_at.tolist(), one.source.tolist()) == (same.ended_at.tolist(), same.source.tolist())
    assert len(one) == len(heard)
