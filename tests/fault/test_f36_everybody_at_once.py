"""F36: everybody signs in at the same moment, or is due at the full hour: each once, and hours are spread evenly."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

from audiospective.accounts import people
from audiospective.collect import rhythm
from audiospective.collect.sweep import sweep_due
from tests.stand_in import World


async def test_sign_ins_of_a_crowd_make_each_person_once(world: World) -> None:
    came = await asyncio.gather(*(world.sign_in(f"listener{n % 100}") for n in range(200)))
    async with world.db.transaction() as conn:
        assert len(await people.everyone(conn)) == 100
    assert len({one.session for one in came}) == 200
    assert (await sweep_due(*world.parts, world.clock)).leased == 100


def test_ten_thousand_people_are_due_in_an_even_stream() -> None:
    now = datetime(2026, 3, 18, 20, 0, tzinfo=UTC)
    due = [rhythm.after_success(user, now, fill_s=0, head_at=now, lost_track=False) for user in range(10_000)]
    minutes = Counter(int((one - now).total_seconds() // 60) for one in due)
    assert max(due) - now <= timedelta(hours=1, minutes=1)
    assert max(minutes.values()) <= 1.5 * 10_000 / 60, "no minute has much more than its share"
