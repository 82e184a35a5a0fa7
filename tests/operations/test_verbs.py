"""Every command that is written anywhere is one: in the boxes, in the table of what covers the runbook, in the documents."""

from __future__ import annotations

import re
from pathlib import Path

from cyclopts import App

from audiospective.cli.main import make_app
from audiospective.operations.boxes import boxes
from audiospective.operations.lint import covered
from audiospective.operations.messages import TEXTS
from audiospective.operations.paper import QUICK

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / "runbook.md", *sorted((ROOT / "docs" / "runbook").glob("*.md"))]
WRITTEN = sorted(
    {box.command for box in boxes()}
    | {one.by for one in covered() if one.by.startswith("ops ")}
    | {ours.removeprefix("audiospective ") for _, _, ours in QUICK if ours.startswith("audiospective ")}
    | {found for page in PAGES for found in re.findall(r"^audiospective (ops .*?)(?:\s+#.*)?$", page.read_text("utf-8"), re.MULTILINE)}
)


def _missing(app: App, words: list[str]) -> str:
    """The first word that should be a command and isn't; "" when there is none."""
    at = app
    for word in words:
        if not re.fullmatch(r"[a-z][a-z-]*", word) or not list(at):
            return ""
        try:
            at = at[word]
        except KeyError:
            return "" if at.default_command else word
    return ""


def test_what_is_written_as_a_command_is_one() -> None:
    app = make_app()
    assert len(WRITTEN) > 150
    assert {command: word for command in WRITTEN if (word := _missing(app, command.split()))} == {}


def test_every_template_is_a_message_or_an_answer() -> None:
    named = " ".join(one.by for one in covered() if one.kind == "template")
    ids = set(re.findall(r"M\d\d", named)) | {f"M{number:02}" for number in range(22, 27)}
    assert {text.id for text in TEXTS} - ids == {"M05", "M09", "M12"} - ids
