"""What isn't documented isn't there: settings, commands and events are held against the documents."""

from __future__ import annotations

import re
from pathlib import Path

from audiospective.cli.main import COMMANDS
from audiospective.settings import NAMES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
_FILE = re.compile(r"`((?:[a-z_]+/)+[A-Za-z_]+\.[a-z]+)`")
_EVENT = re.compile(r'\.(?:info|warning|error)\(\s*"([a-z_]+\.[a-z_]+)"')


def test_the_readme_names_every_setting_and_no_other() -> None:
    table = README.partition("## Settings")[2].partition("## Command line")[0]
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", table, re.MULTILINE)) == set(NAMES)


def test_the_example_of_an_environment_has_every_setting_and_no_secret() -> None:
    lines = [line for line in (ROOT / ".env.example").read_text("utf-8").splitlines() if line and not line.startswith("#")]
    assert sorted(line.partition("=")[0] for line in lines) == sorted(NAMES)
    assert {line.partition("=")[2] for line in lines} == {"", "development"}


def test_the_readme_names_every_command() -> None:
    table = README.partition("## Command line")[2].partition("## API")[0]
    named = set(re.findall(r"`([a-z]+)`", table))
    assert {name for name, _, _ in COMMANDS} <= named


def test_the_list_of_events_is_that_of_the_code() -> None:
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py") if path.stem != "telemetry")
    documented = re.findall(r"^\| `([a-z_.]+)` \|", (ROOT / "docs" / "events.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(documented) == sorted(set(_EVENT.findall(source)))


def test_every_file_that_the_documents_name_is_there() -> None:
    pages = "".join((ROOT / page).read_text("utf-8") for page in ("ARCHITECTURE.md", "CONTRIBUTING.md"))
    names = {name for name in _FILE.findall(pages) if "NAME" not in name}
    homes = (ROOT, ROOT / "src" / "audiospective", ROOT / "src" / "audiospective" / "web")
    assert [name for name in sorted(names) if not any((home / name).exists() for home in homes)] == []


def test_every_decision_says_what_would_change_it() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [path.name[:4] for path in decisions] == [f"{number:04}" for number in range(1, len(decisions) + 1)]
    assert [path.name for path in decisions if "**What would change it.**" not in path.read_text("utf-8")] == []
