"""`ops drill`: what one wants to have done before the night in which it is needed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

from cyclopts import App

from audiospective.accounts import people
from audiospective.archive.plays import UserId
from audiospective.bootstrap import Parts
from audiospective.cli.acting import acting
from audiospective.cli.endings import Exit, say
from audiospective.cli.environment import environment
from audiospective.cli.ops_releases import settle
from audiospective.cli.output import AsJson, answer
from audiospective.cli.serve import listen
from audiospective.cli.session import with_parts
from audiospective.collect.imports import run
from audiospective.errors import Conflict, Invalid, Unavailable
from audiospective.infra.clock import SystemClock
from audiospective.infra.database import Database
from audiospective.infra.embedded import EmbeddedPostgres
from audiospective.operations import drill, ledger, release_record, releases, supervision
from audiospective.operations.drill import Drilled
from audiospective.operations.ledger import Entry

app = App(name="drill", help="Rehearse a rollback or a restore, timed, where nobody is hurt.")
app.command("audiospective.cli.ops_data:drill_restore", name="restore")
app.command("audiospective.cli.ops_rewind:drill", name="data")

#: Of the copy nothing is the instance's own.
_OWN = ("APP_", "NEXTAUTH_", "NODE_ENV", "SPOTIFY_", "DATABASE_", "REDIS_", "UPSTASH_", "QSTASH_", "SENTRY_", "SLACK_", "SMTP_", "SMS_")
#: Nobody there has anything to ask Spotify, so that none is simulated; nobody would answer.
_NO_SPOTIFY = {"SPOTIFY_ACCOUNTS_URL": "http://127.0.0.1:9", "SPOTIFY_API_URL": "http://127.0.0.1:9"}
_ANSWER_WITHIN_S = 60.0

_HEARD = [
    {
        "ts": f"2024-03-0{day}T12:00:00Z",
        "ms_played": 200_000,
        "spotify_track_uri": "spotify:track:4uLU6hMCjMI75M1A2tKUQC",
        "master_metadata_track_name": "Tide",
        "master_metadata_album_artist_name": "Marrow Coast",
        "master_metadata_album_album_name": "Estuary",
    }
    for day in range(1, 8)
]


class RollbackDrillAnswer(TypedDict):
    """What the rehearsal found; seconds from the order to the third healthy answer."""

    rounds: int
    slowest_s: float
    median_s: float
    requests: int
    failed: list[str]
    slowest_request_s: float
    rows: int
    rolled_back: bool


@app.command
def rollback(*, rounds: int = 3, as_json: AsJson = False) -> int:
    """On a staging copy: deploy another release and go back under load, compare health and data, and write down the times.

    Example: `audiospective ops drill rollback --rounds 20`

    Parameters
    ----------
    rounds
        How many times to and fro.
    """
    if not 1 <= rounds <= 100:
        raise Invalid("--rounds is 1 to 100.", field="--rounds")
    with tempfile.TemporaryDirectory(prefix="audiospective-drill-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # root's Postgres account passes through
        home, clock = Path(folder) / "home", SystemClock()
        pair = drill.deployed(home, clock)
        with _staging(home) as address:
            say(f"A staging copy runs at {address}; {rounds} rollbacks under load …")
            found = asyncio.run(drill.rehearse(home, address, EmbeddedPostgres(home).dsn, clock, pair, rounds=rounds))
        for one in releases.listed(home):
            releases.remove(home, one)
    told = _told(found)
    with_parts(lambda parts: _remember(parts, told))
    answer(told, as_json=as_json, text=_text)
    return Exit.DONE if found.rolled_back else Exit.NO


@contextlib.contextmanager
def _staging(home: Path) -> Iterator[str]:
    """An instance of its own with a listener and a few plays; its address. It is gone afterwards."""
    environ = {name: value for name, value in environment().items() if not name.startswith(_OWN)} | _NO_SPOTIFY
    environ["AUDIOSPECTIVE_HOME"] = str(home)
    with listen("127.0.0.1", 0) as found:
        port = int(found.getsockname()[1])
    words = [sys.executable, "-m", "audiospective.cli.main", "up", "--tied", "--port", str(port), "--home", str(home)]
    log = home.parent / "up.log"
    with log.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(words, env=environ, stdout=out, stderr=out, cwd=home.parent, start_new_session=True)
    try:
        asyncio.run(_until_it_answers(home, process, log))
        asyncio.run(_filled(home))
        yield f"http://127.0.0.1:{port}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGINT)
        process.wait()


async def _until_it_answers(home: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    until = asyncio.get_running_loop().time() + _ANSWER_WITHIN_S
    while asyncio.get_running_loop().time() < until and process.poll() is None:
        with contextlib.suppress(Unavailable, OSError):
            await supervision.standing(home)
            return
        await asyncio.sleep(0.2)
    raise Conflict(f"The staging copy didn't start: {log.read_text(encoding='utf-8').strip()[-600:]}")


async def _filled(home: Path) -> None:
    export, clock = home.parent / "Streaming_History_Audio_2024.json", SystemClock()
    export.write_text(json.dumps(_HEARD), encoding="utf-8")
    async with contextlib.AsyncExitStack() as opened:
        db = Database(EmbeddedPostgres(home).dsn)
        await db.open()
        opened.push_async_callback(db.close)
        async with db.transaction() as conn:
            person = await people.add(conn, "drill", clock.now())
            number = await run.begin(conn, UserId(person.id), name=export.name, size=export.stat().st_size, now=clock.now())
        await run.run(db, number, [export], clock)


async def _remember(parts: Parts, told: RollbackDrillAnswer) -> None:
    async with parts.db.transaction() as conn:
        await ledger.append(conn, [Entry(acting(), release_record.DRILLED, "rollback drill", told)], parts.clock.now())
    await settle(parts)


def _told(found: Drilled) -> RollbackDrillAnswer:
    return RollbackDrillAnswer(
        rounds=found.rounds,
        slowest_s=found.slowest_s,
        median_s=found.median_s,
        requests=found.requests,
        failed=list(found.failed[:20]),
        slowest_request_s=found.slowest_request_s,
        rows=found.rows,
        rolled_back=found.rolled_back,
    )


def _text(told: RollbackDrillAnswer) -> str:
    if not told["rolled_back"]:
        return f"It went wrong: {len(told['failed'])} requests failed: {'; '.join(told['failed'][:3]) or 'the data differ'}"
    return (
        f"{told['rounds']} rollbacks, {told['requests']:,} requests meanwhile, none failed; {told['rows']:,} rows are as they were.\n"
        f"Back in {told['median_s']:.2f} s, at most {told['slowest_s']:.2f} s; the slowest request took {told['slowest_request_s']:.2f} s."
    )
