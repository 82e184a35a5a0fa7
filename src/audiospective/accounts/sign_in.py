"""The flow of a sign-in: a code of Spotify's becomes a person, a grant, and a session."""

from __future__ import annotations

from dataclasses import dataclass, field

from audiospective.accounts import apps, grants, people, sessions
from audiospective.accounts.people import Person
from audiospective.errors import Conflict
from audiospective.infra.clock import Clock
from audiospective.infra.database import Database, execute
from audiospective.infra.sealing import Sealer
from audiospective.infra.statements import statements
from audiospective.infra.telemetry import get_logger
from audiospective.spotify import oauth, profile, quota
from audiospective.spotify.http import Spotify
from audiospective.spotify.oauth import TokenPair
from audiospective.spotify.quota import Lane

sql = statements(__name__)

#: The code's exchange, and the profile. Written down afterwards: nobody is kept from signing in.
_CALLS = 2


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in, and what their cookie carries."""

    person: Person
    session: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Came:
    """What Spotify sent somebody back with, what the code belongs to, and whose archive it joins (0: whose Spotify account it is).

    `browsed_by` is the Spotify account of whoever is signed in in that browser, "" for nobody: another one is asked about first.
    """

    code: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str
    joins: int = 0
    browsed_by: str = ""


@dataclass(frozen=True, slots=True)
class Arrived:
    """Somebody whom Spotify has told us of and who isn't signed in yet; nothing is written of them."""

    account_key: str
    display_name: str | None
    pair: TokenPair = field(repr=False)


class AnotherAccount(Conflict):
    """The browser is signed in as somebody else: whose archive is meant is theirs to say, and archives are never put together."""

    def __init__(self, arrived: Arrived) -> None:
        super().__init__("You are signed in with another Spotify account; say which archive you want to see.")
        self.arrived = arrived


async def sign_in(db: Database, spotify: Spotify, sealer: Sealer, clock: Clock, came: Came) -> SignedIn:
    """Person, grant, first sweep and session, all or none.

    `spotify` is the app that they came by. Raises Revoked for a spent code, every other SpotifyError, Conflict when the Spotify
    account has an archive of its own here, and AnotherAccount before anything is written.
    """
    pair = await oauth.exchange(spotify, code=came.code, verifier=came.verifier, redirect_uri=came.redirect_uri)
    said = await profile.me(spotify, pair.access_token)
    arrived = Arrived(said.account_key, said.display_name, pair)
    if came.browsed_by not in {"", said.account_key}:
        raise AnotherAccount(arrived)
    return await admit(db, spotify, sealer, clock, arrived, joins=came.joins)


async def admit(db: Database, spotify: Spotify, sealer: Sealer, clock: Clock, arrived: Arrived, *, joins: int = 0) -> SignedIn:
    """Sign in whom Spotify has told us of."""
    now, pair = clock.now(), arrived.pair
    async with db.transaction() as conn:
        if joins:
            await people.join(conn, joins, arrived.account_key)
        person = await people.upsert(conn, spotify_id=arrived.account_key, display_name=arrived.display_name, now=now)
        await grants.store(conn, sealer, person.id, pair, client_id=spotify.client_id, now=now)
        await execute(conn, sql["due_now"], user=person.id, now=now, app=await apps.number(conn, spotify.client_id))
        await execute(conn, sql["stays"], user=person.id)
        await quota.spend(conn, spotify.client_id, Lane.SIGN_IN, _CALLS, now)
        session = await sessions.begin(conn, person.id, now)
    get_logger().info("account.signed_in", message="User authenticated", user=people.alias(sealer, person.id))
    return SignedIn(person, session)
