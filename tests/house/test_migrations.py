"""Migrations only add: the release before goes on working on the new schema, so that a rollback never touches data."""

from __future__ import annotations

import re
from importlib.resources import files

from audiospective.infra.schema import read

#: From here on releases are rolled back; what came before was in no release.
_FIRST = "0020"
_TAKES_AWAY = re.compile(
    r"\b(DROP\s+(TABLE|COLUMN|VIEW|TYPE|FUNCTION)|RENAME\s|TRUNCATE"
    r"|ALTER\s+COLUMN\s+\w+\s+(TYPE|SET\s+NOT\s+NULL|DROP\s+DEFAULT))",
    re.IGNORECASE,
)
_ADDS_WITHOUT_DEFAULT = re.compile(
    r"ADD\s+COLUMN\s+(?:IF\s+NOT\s+EXISTS\s+)?\w+\s+(?![^,;]*\bDEFAULT\b)[^,;]*\bNOT\s+NULL\b", re.IGNORECASE
)


def _code(text: str) -> str:
    return re.sub(r"--[^\n]*", "", text)


def test_what_takes_away_says_since_when_nobody_needs_it() -> None:
    ours = [one for one in read(files("audiospective.migrations")) if one.name >= _FIRST]
    assert ours
    assert [one.name for one in ours if _TAKES_AWAY.search(_code(one.text)) and not one.safe_from] == []


def test_a_new_column_lets_the_older_release_go_on_inserting() -> None:
    ours = [one for one in read(files("audiospective.migrations")) if one.name >= _FIRST]
    assert [one.name for one in ours if _ADDS_WITHOUT_DEFAULT.search(_code(one.text)) and not one.safe_from] == []


def test_the_rule_sees_what_it_is_for() -> None:
    for taking in ("DROP TABLE a", *(f"ALTER TABLE a {how}" for how in ("DROP COLUMN b", "RENAME b TO c", "ALTER COLUMN b SET NOT NULL"))):
        assert _TAKES_AWAY.search(taking), taking
    assert _ADDS_WITHOUT_DEFAULT.search("ALTER TABLE a ADD COLUMN b int NOT NULL;")
    assert not _ADDS_WITHOUT_DEFAULT.search("ALTER TABLE a ADD COLUMN b int NOT NULL DEFAULT 0;")
