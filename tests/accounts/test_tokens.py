"""Personal tokens."""

from __future__ import annotations

import pytest

from audiospective.accounts import people, tokens
from audiospective.errors import Invalid, NotFound
from audiospective.infra.database import Connection, fetch_all
from tests.clock import FakeClock


async def test_a_token_finds_its_person_until_it_is_revoked(conn: Connection, clock: FakeClock) -> None:
    mara = await people.add(conn, "mara", clock.now())
    token = await tokens.issue(conn, mara.id, "phone", clock.now())
    assert token.startswith("as_")
    assert await tokens.find(conn, token, clock.forward(days=400)) == mara
    listed = await tokens.listed(conn, mara.id)
    assert [(one.name, one.last_used_at) for one in listed] == [("phone", clock.now())]
    await tokens.revoke(conn, mara.id, listed[0].id)
    assert await tokens.find(conn, token, clock.now()) is None


async def test_nobody_revokes_the_token_of_another(conn: Connection, clock: FakeClock) -> None:
    mara, other = await people.add(conn, "mara", clock.now()), await people.add(conn, "other", clock.now())
    token = await tokens.issue(conn, mara.id, "phone", clock.now())
    with pytest.raises(NotFound):
        await tokens.revoke(conn, other.id, (await tokens.listed(conn, mara.id))[0].id)
    assert await tokens.find(conn, token, clock.now()) == mara


async def test_the_database_never_holds_the_token(conn: Connection, clock: FakeClock) -> None:
    mara = await people.add(conn, "mara", clock.now())
    token = await tokens.issue(conn, mara.id, "phone", clock.now())
    assert token not in "".join(await fetch_all(conn, "SELECT personal_tokens::text FROM personal_tokens", str))


@pytest.mark.parametrize("name", ["", " ", "x" * 101])
async def test_a_token_has_a_name(conn: Connection, clock: FakeClock, name: str) -> None:
    mara = await people.add(conn, "mara", clock.now())
    with pytest.raises(Invalid):
        await tokens.issue(conn, mara.id, name, clock.now())
