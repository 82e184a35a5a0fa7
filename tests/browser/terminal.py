"""A terminal at an instance: the program's own commands, in this process, which needn't import everything again for each."""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path
from typing import IO, Any

import pytest

from audiospective.cli.main import main


class Terminal:
    """Where commands are typed, and in which environment."""

    def __init__(self, environ: dict[str, str], folder: Path) -> None:
        self.environ, self._folder = environ, folder

    def ops(self, *words: str) -> tuple[int, str, str]:
        """As `say`, of what operators do."""
        return self.say("ops", *words)

    def say(self, *words: str) -> tuple[int, str, str]:
        """Exit code, stdout and stderr of a command."""
        with (
            tempfile.TemporaryFile("w+") as out,
            tempfile.TemporaryFile("w+") as err,
            pytest.MonkeyPatch.context() as patched,
            contextlib.ExitStack() as redirected,
        ):
            redirected.enter_context(contextlib.redirect_stdout(out))
            redirected.enter_context(contextlib.redirect_stderr(err))
            for name, value in self.environ.items():
                patched.setenv(name, value)
            patched.chdir(self._folder)
            done = main(list(words))
            redirected.close()
            return done, _read(out), _read(err)

    def json(self, *words: str) -> Any:
        """What `ops` tells programs."""
        _, out, err = self.ops(*words, "--json")
        assert out, err
        return json.loads(out)


def _read(file: IO[str]) -> str:
    file.flush()
    file.seek(0)
    return file.read()
