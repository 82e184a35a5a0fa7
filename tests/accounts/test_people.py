"""Names, accounts and preferences."""

from __future__ import annotations

import pytest

from audiospective.accounts import people
from audiospective.errors import Conflict, Invalid, NotFound
from audiospective.infra.database import Connection
from audiospective.infra.sealing import Sealer
from tests.clock import FakeClock


async def test_a_name_is_made_of_the_display_name(conn: Connection, clock: FakeClock) -> None:
    person = await people.upsert(conn, spotify_id="a1", display_name="Zoë  O’Hara!", now=clock.now())
    assert (person.name, person.display_name) == ("zoe-ohara", "Zoë  O’Hara!")


async def test_people_of_one_display_name_get_names_of_their_own(conn: Connection, clock: FakeClock) -> None:
    names = [(await people.upsert(conn, spotify_id=f"a{n}", display_name="Mara", now=clock.now())).name for n in range(3)]
    assert names == ["mara", "mara-2", "mara-3"]


@pytest.mark.parametrize("nothing", [None, "", "音楽", " \0\t"])
async def test_who_has_no_latin_name_can_be_named_too(conn: Connection, clock: FakeClock, nothing: str | None) -> None:
    person = await people.upsert(conn, spotify_id="a1", display_name=nothing, now=clock.now())
    assert person.name == "listener"
    assert person.display_name in {"Listener", "音楽"}


async def test_signing_in_again_finds_the_same_person_and_keeps_their_chosen_name(conn: Connection, clock: FakeClock) -> None:
    first = await people.upsert(conn, spotify_id="a1", display_name="Mara", now=clock.now())
    await people.set_preferences(conn, first.id, display_name="M.")
    again = await people.upsert(conn, spotify_id="a1", display_name="Mara Changed", now=clock.now())
    assert (again.id, again.display_name) == (first.id, "M.")


async def test_an_import_only_listener_has_no_spotify(conn: Connection, clock: FakeClock) -> None:
    person = await people.add(conn, "Old Vinyl", clock.now())
    assert (person.name, person.display_name, person.spotify_id) == ("old-vinyl", "Old Vinyl", None)
    assert await people.by_name(conn, "old-vinyl") == person == await people.by_id(conn, person.id)


async def test_a_taken_name_is_a_conflict(conn: Connection, clock: FakeClock) -> None:
    await people.add(conn, "mara", clock.now())
    with pytest.raises(Conflict, match="“mara” is taken"):
        await people.add(conn, "Mara", clock.now())


async def test_a_name_needs_a_letter_or_digit(conn: Connection, clock: FakeClock) -> None:
    with pytest.raises(Invalid, match="no letter"):
        await people.add(conn, "!!", clock.now())


async def test_preferences_change_one_at_a_time(conn: Connection, clock: FakeClock) -> None:
    person = await people.add(conn, "mara", clock.now())
    await people.set_preferences(conn, person.id, time_zone="Europe/Lisbon")
    changed = await people.set_preferences(conn, person.id, theme="dark")
    assert (changed.time_zone, changed.theme, changed.display_name) == ("Europe/Lisbon", "dark", "mara")


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("timeZone", {"time_zone": "Lisbon"}),
        ("timeZone", {"time_zone": "../etc/passwd"}),
        ("timeZone", {"time_zone": "localtime"}),
        ("timeZone", {"time_zone": "Factory"}),
        ("theme", {"theme": "pink"}),
        ("displayName", {"display_name": " "}),
        ("displayName", {"display_name": "x" * 101}),
    ],
)
async def test_a_wrong_preference_is_named(conn: Connection, clock: FakeClock, field: str, given: dict[str, str]) -> None:
    person = await people.add(conn, "mara", clock.now())
    with pytest.raises(Invalid) as caught:
        await people.set_preferences(conn, person.id, **given)
    assert caught.value.field == field


async def test_who_was_removed_is_not_found(conn: Connection, clock: FakeClock) -> None:
    person = await people.add(conn, "mara", clock.now())
    assert await people.remove(conn, person.id)
    assert await people.everyone(conn) == []
    with pytest.raises(NotFound):
        await people.by_name(conn, "mara")
    with pytest.raises(NotFound):
        await people.by_id(conn, person.id)
    with pytest.raises(NotFound):
        await people.set_preferences(conn, person.id, theme="dark")


def test_the_log_calls_somebody_the_same_each_time_and_otherwise_under_another_secret() -> None:
    ours, others = Sealer(["a secret of the tests"]), Sealer(["another secret of the tests"])
    assert people.alias(ours, 7) == people.alias(ours, 7)
    assert len({people.alias(ours, 7), people.alias(ours, 8), people.alias(others, 7)}) == 3
    assert len(people.alias(ours, 7)) == 12
