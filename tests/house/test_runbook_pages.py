"""Every command that a page of the documents shows is one that there is, with the options that it shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from audiospective.cli.main import main

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [DOCS / "runbook.md", DOCS / "upgrading.md", DOCS / "runbook" / "deploying.md"]
_BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
_INLINE = re.compile(r"`(audiospective [^`]+)`")


def lines(page: Path) -> list[str]:
    text = page.read_text("utf-8")
    shown = [line for block in _BLOCK.findall(text) for line in block.splitlines()]
    return sorted({line for line in (*shown, *_INLINE.findall(text)) if line.startswith("audiospective ")})


@pytest.mark.parametrize(("page", "line"), [(page.stem, line) for page in PAGES for line in lines(page)])
def test_a_command_on_a_page_is_one_that_there_is(page: str, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, *words = shlex.split(line, comments=True)
    options = [word for word in words if word.startswith("--")]
    command = [word for word in words[:3] if re.fullmatch(r"[a-z][a-z-]+", word)]
    while command and main([*command, "--help"]) != 0:
        command.pop()
    said = capsys.readouterr().out
    assert command
    assert [option for option in options if option not in said] == []
