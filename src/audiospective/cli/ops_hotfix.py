"""`ops hotfix` and `ops logs`: mend what is broken now, by the same gates; and read what the program says."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import sys
from typing import Final

from cyclopts import App

from audiospective.bootstrap import Parts
from audiospective.cli.acting import acting
from audiospective.cli.endings import Exit, say
from audiospective.cli.session import with_parts
from audiospective.errors import Conflict, Invalid
from audiospective.operations import ledger
from audiospective.operations.ledger import Entry

app = App(name="hotfix", help="Mend what is broken now: a branch, and the gates that are never skipped.")

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
#: Never skipped, in this order; neither a window nor a quiet hour is waited for.
_GATES: Final = (("ops", "test"), ("ops", "backup"), ("ops", "deploy"), ("ops", "health"))


@app.command
def start(name: str, /) -> None:
    """Begin a branch of main for it.

    Example: `audiospective ops hotfix start exports-fail`

    Parameters
    ----------
    name
        What it mends, in a word or two: a-z, 0-9 and hyphens.
    """
    if not _NAME.fullmatch(name):
        raise Invalid(f"“{name[:40]}” can’t name a branch; use a-z, 0-9 and hyphens.", field="NAME")
    git = shutil.which("git")
    done = (
        subprocess.run([git or "git", "checkout", "-q", "-b", f"hotfix/{name}", "main"], capture_output=True, text=True, check=False)
        if git
        else None
    )
    if done is None or done.returncode != 0:
        raise Conflict(f"No branch could be made: {done.stderr.strip() if done else 'git isn’t there'}.")
    with_parts(lambda parts: _written(parts, "hotfix.started", name))
    print(f"On hotfix/{name}. Mend it, add a test, commit; then: audiospective ops hotfix finish {name}", flush=True)


@app.command
def finish(name: str, /) -> int:
    """Test, back up, deploy, look: stops at the first that isn’t well.

    Example: `audiospective ops hotfix finish exports-fail`

    Parameters
    ----------
    name
        As it was begun.
    """
    from audiospective.cli.main import main  # noqa: PLC0415 (the command line is made of this)

    for words in _GATES:
        say(f"── {' '.join(words)}")
        with contextlib.redirect_stdout(sys.stderr):
            done = main(words)
        if done != Exit.DONE:
            say(f"Stopped: {' '.join(words)} ended with {done}.")
            return Exit.REFUSED
    with_parts(lambda parts: _written(parts, "hotfix.finished", name))
    print(f"hotfix/{name} serves.", flush=True)
    return Exit.DONE


async def _written(parts: Parts, event: str, name: str) -> None:
    async with parts.db.transaction() as conn:
        await ledger.append(conn, [Entry(acting(), event, f"hotfix {name}", {})], parts.clock.now())
