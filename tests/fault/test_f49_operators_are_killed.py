"""F48, F49: an operator's command dies before or after any of its commits; run again it does what is left, and nothing twice."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from audiospective import bootstrap
from audiospective.infra.database import Database
from tests.cli.conftest import Run, run  # noqa: F401 (a fixture)
from tests.fault.conftest import Killed, Mortal

_NOTED = "SELECT count(*) FROM ops_ledger WHERE event = 'chat.noted'"
#: What is done, what must be there once afterwards (in the ledger, by event and subject), and how often what isn't in it.
_ONCE = {
    "chat": (["announce", "send", "M22", "--fact", "version=v1.0.0"], ("message.said", "M22"), "SELECT count(*) FROM outbox"),
    "inbox": (["announce", "send", "M22", "--fact", "version=v1.0.0"], ("message.said", "M22"), _NOTED),
    "plan": (["announce", "plan"], ("message.said", "plan"), _NOTED),
    "backup": (["backup"], ("backup.made", "backup"), "SELECT count(*) FROM ops_ledger WHERE event = 'backup.verified'"),
    "launch": (["launch", "new", "1.0.0"], ("launch.opened", "1.0.0"), "SELECT 1"),
    "watch": (["watch", "start", "--phase", "15m"], ("watch.started", "watch 15m"), "SELECT count(*) FROM watches"),
}


#: Commits of each; one unless named.
_COMMITS = {"backup": 2}


class _Fuse:
    """Lets the n-th transaction of the next command be its last."""

    def __init__(self, patched: pytest.MonkeyPatch) -> None:
        self._patched = patched

    def burn(self, dies_at: int, *, committed: bool) -> None:
        def made(dsn: str, **_: Any) -> Database:
            return Mortal(dsn, dies_at=dies_at, committed=committed)

        self._patched.setattr(bootstrap, "Database", made)

    def mend(self) -> None:
        self._patched.setattr(bootstrap, "Database", Database)


@pytest.fixture
def fuse() -> Iterator[_Fuse]:
    with pytest.MonkeyPatch.context() as patched:
        yield _Fuse(patched)


def _count(dsn: str, statement: str, *params: str) -> int:
    with psycopg.connect(dsn) as conn:
        found = conn.execute(statement, params).fetchone()
        assert found is not None
        return int(found[0])


def _killed(run: Run, fuse: _Fuse, words: list[str], dies_at: int, *, committed: bool) -> bool:  # noqa: F811 (the fixture's value)
    """Whether it died on the way."""
    fuse.burn(dies_at, committed=committed)
    try:
        run("ops", *words)
    except (Killed, BaseExceptionGroup):
        return True
    finally:
        fuse.mend()
    return False


@pytest.mark.parametrize("what", _ONCE)
def test_killed_at_one_commit_after_the_other_it_is_done_once(
    run: Run,  # noqa: F811 (the fixture's value)
    dsn: str,
    fuse: _Fuse,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
) -> None:
    words, (event, subject), besides = _ONCE[what]
    if what == "chat":
        monkeypatch.setenv("SLACK_WEBHOOK_URL", "http://127.0.0.1:9/hook")
    if what != "launch":
        run("ops", "launch", "new", "1.0.0")  # what is said is said once a launch
    deaths = [(dies_at, committed) for dies_at in range(_COMMITS.get(what, 1)) for committed in (False, True)]
    assert all(_killed(run, fuse, words, dies_at, committed=committed) for dies_at, committed in deaths)
    if what != "backup":  # the next is another one
        assert run("ops", *words).exit == 1
    assert _count(dsn, "SELECT count(*) FROM ops_ledger WHERE event = %s AND subject = %s", event, subject) == 1
    assert _count(dsn, besides) == 1


def test_a_tag_that_was_made_and_not_written_down_is_written_down_by_the_next_run(
    run: Run,  # noqa: F811 (the fixture's value)
    dsn: str,
    fuse: _Fuse,
    tmp_path: Path,
) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.0.0"\n')
    for words in (("init", "-qb", "main"), ("add", "."), ("commit", "-qm", "x")):
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@x", *words], cwd=tmp_path, check=True)
    subprocess.run(["git", "config", "user.email", "x@x"], cwd=tmp_path, check=True)
    subprocess.run(["git", "config", "user.name", "x"], cwd=tmp_path, check=True)
    assert _killed(run, fuse, ["tag", "v1.0.0"], 0, committed=False)
    for _ in range(2):
        assert run("ops", "tag", "v1.0.0").exit == 0
    assert _count(dsn, "SELECT count(*) FROM ops_ledger WHERE event = 'release.tagged'") == 1
