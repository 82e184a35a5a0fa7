"""Rooms: each says its question and nothing else, none is a drawer, and the machine's room knows nothing of music."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "audiospective"
DRAWERS = {"utils", "helpers", "common", "misc", "manager", "handler", "base"}
OURS = re.compile(r"\b(spotify|plays?|tracks?|artists?|albums?|songs?|sweeps?|listenings?)\b", re.IGNORECASE)


def room(path: Path) -> str:
    return str(path.relative_to(SOURCE))


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("__init__.py")), ids=room)
def test_a_room_opens_with_its_docstring_alone(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    assert len(tree.body) == 1


def test_no_file_is_a_drawer() -> None:
    assert [room(path) for path in SOURCE.rglob("*.py") if path.stem.strip("_") in DRAWERS] == []


@pytest.mark.parametrize("path", sorted([*(SOURCE / "infra").glob("*.py"), *(SOURCE / "infra").glob("*.sql")]), ids=room)
def test_the_machines_room_has_no_word_of_music(path: Path) -> None:
    assert OURS.findall(path.read_text(encoding="utf-8")) == []


def test_only_entrypoints_and_the_settings_read_the_environment() -> None:
    allowed = {"settings.py", "cli/environment.py"}
    reading = {room(path) for path in SOURCE.rglob("*.py") if re.search(r"os\.(environ|getenv)\b", path.read_text(encoding="utf-8"))}
    assert reading <= allowed
