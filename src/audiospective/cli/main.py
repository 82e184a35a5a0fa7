"""The command line: one function per command, loaded when it is called for."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cyclopts import App

#: Every command: its name, where it lives, and its line in the list of commands. A module is imported when its command is
#: called, and the list is printed without importing any.
COMMANDS = (
    ("up", "audiospective.cli.up:up", "start everything and print the address"),
    ("serve", "audiospective.cli.serve:serve", "serve pages and API alone"),
    ("worker", "audiospective.cli.serve:worker", "sweep and work off jobs alone; may run many times"),
    ("migrate", "audiospective.cli.serve:migrate", "bring the database's schema up to this version"),
    ("users", "audiospective.cli.users:app", "list, add, show, delete listeners; make a token"),
    ("archive", "audiospective.cli.archive:archive", "ask Spotify for what was heard last"),
    ("import", "audiospective.cli.archive:bring", "bring in an export: file, folder or zip"),
    ("imports", "audiospective.cli.archive:imports", "list imports, take one back"),
    ("stats", "audiospective.cli.answers:stats", "totals of a range"),
    ("top", "audiospective.cli.answers:top", "most played tracks, artists or albums"),
    ("ask", "audiospective.cli.asking:ask", "eras, seasons, decades, streaks and other questions"),
    ("gaps", "audiospective.cli.answers:gaps", "what is proven complete, what is missing and why"),
    ("export", "audiospective.cli.export:export", "write every play, in any of six formats"),
    ("ops", "audiospective.cli.ops:app", "the runbook that runs: checks, sign-offs, backups, keys"),
)

_HELP = frozenset({"--help", "-h"})

_OVERVIEW = """\
The best home for your listening history.

Usage: audiospective COMMAND [OPTIONS]

{commands}

Each command explains itself, with an example: audiospective COMMAND --help
Exit codes: 0 done, 1 the answer is no, 2 wrong usage or bad input, 3 a needed service can't be reached."""


def overview() -> str:
    """The list of commands."""
    return _OVERVIEW.format(commands="\n".join(f"  {name:<10}{purpose}" for name, _, purpose in COMMANDS))


def make_app() -> App:
    """The command line as one object."""
    from cyclopts import App  # noqa: PLC0415 (the list of commands must not wait for it)

    app = App(
        name="audiospective",
        help_format="markdown",
        version=_version,
        result_action="return_value",
        suppress_keyboard_interrupt=False,
    )
    for name, place, _ in COMMANDS:
        app.command(place, name=name)
    return app


def main(argv: Sequence[str]) -> int:
    """Run one command; its exit code. Everything that can go wrong becomes one clear message on stderr."""
    if not argv or argv[0] in _HELP:
        print(overview())
        return 0
    from cyclopts import CycloptsError  # noqa: PLC0415 (the list of commands must not wait for it)

    from audiospective.cli.acting import without_actor  # noqa: PLC0415
    from audiospective.cli.endings import Exit, say, told  # noqa: PLC0415
    from audiospective.errors import AudiospectiveError  # noqa: PLC0415
    from audiospective.infra.processes import started  # noqa: PLC0415

    app = make_app()
    try:
        words = without_actor(argv)
        _describe(app, words)
        command, bound, _ = app.parse_args(words, exit_on_error=False, print_error=False)
        started()
        done = command(*bound.args, **bound.kwargs)
    except CycloptsError as error:
        say(f"{error}\nTry: audiospective --help")
        return Exit.USAGE
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our stdout has left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.DONE
    except (AudiospectiveError, OSError, OverflowError) as error:
        code = told(error)
        return Exit.USAGE if code is Exit.REFUSED and argv[0] != "ops" else code
    return done if isinstance(done, int) else Exit.DONE


def run() -> None:
    """Entry point of the installed program."""
    gc.disable()  # until its code is read, as `processes.starting` has it
    sys.exit(main(sys.argv[1:]))


def _describe(app: App, words: Sequence[str]) -> None:
    """Where a list of commands is asked for, have those ready that wait to be imported, so that it says what each does."""
    at = app
    for word in words:
        if word.startswith("-") or word not in list(at):
            break
        at = at[word]
    if at is not app and (words[-1] in _HELP or at.default_command is None):
        for name in list(at):
            at[name]


def _version() -> str:
    from importlib.metadata import version  # noqa: PLC0415 (only `--version` wants it)

    return version("audiospective")


if __name__ == "__main__":
    run()
