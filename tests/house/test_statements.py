"""Statements: each is used, each fits the schema, and each obeys the house's rules for SQL."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import psycopg
import pytest

from audiospective.infra.statements import parse

SOURCE = Path(__file__).parents[2] / "src" / "audiospective"
FILES = sorted(path for path in SOURCE.rglob("*.sql") if path.parent.name != "migrations")
STATEMENTS = [(path, name, text) for path in FILES for name, text in parse(path.read_text(encoding="utf-8")).items()]

#: What Postgres can prepare; COPY, SET and CREATE show their mistakes when they are run.
PREPARABLE = re.compile(r"(SELECT|INSERT|UPDATE|DELETE|WITH|MERGE|VALUES)\b")
LITERAL = re.compile(r"--[^\n]*|'(?:[^']|'')*'|\"[^\"]*\"|%\(\w+\)s")
TEMPORARY = re.compile(r"CREATE TEMP(?:ORARY)? TABLE .*?;", re.DOTALL)
LOWERED = re.compile(
    r"\b(select|from|where|insert|into|values|update|set|delete|join|left|right|inner|outer|cross|lateral|on|group|order|by|limit|offset|union"
    r"|all|and|or|not|in|is|null|as|returning|conflict|do|nothing|having|with|case|when|then|else|end|exists|distinct|using|skip|locked"
    r"|between|like)\b"
)


def code(text: str) -> str:
    """The statement without comments, strings, quoted names and parameters."""
    return LITERAL.sub(" ", text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_statement_is_used_beside_its_file_and_every_used_one_is_there(path: Path) -> None:
    tree = ast.parse(path.with_suffix(".py").read_text(encoding="utf-8"))
    used = {
        node.slice.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == "sql"
        and isinstance(node.slice, ast.Constant)
    }
    assert used == set(parse(path.read_text(encoding="utf-8")))


def test_every_statement_fits_the_migrated_schema(dsn: str) -> None:
    refused = []
    with psycopg.connect(dsn, autocommit=True) as conn:
        for table in {found for _, _, text in STATEMENTS for found in TEMPORARY.findall(text)}:
            conn.execute(re.sub(r"ON COMMIT \w+( ROWS)?", "", table).encode())
        for path, name, text in STATEMENTS:
            if PREPARABLE.match(code(text).strip()):
                try:
                    conn.execute(f"PREPARE tried AS {numbered(text)}".encode())
                    conn.execute("DEALLOCATE tried")
                except psycopg.Error as error:
                    refused.append(f"{path.name} {name}: {error}")
    assert refused == []


def numbered(text: str) -> str:
    """`%(name)s` as `$1`, the same number for the same name."""
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", text)))
    return re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", text).replace("%%", "%")


def breaches(text: str) -> list[str]:
    """The house's rules that a statement doesn't keep."""
    said = code(text)
    kept = {
        "columns are listed": not re.search(r"SELECT\s+\*|\w\.\*", said),
        "whoever names plays names user_id": "user_id" in said or not re.search(r"\bplays\b", said),
        "keywords are written in capitals": not LOWERED.search(said),
        "a sentence says why": text.startswith("--"),
    }
    return [rule for rule, is_kept in kept.items() if not is_kept]


def test_a_statement_names_its_columns_its_user_and_shouts_its_keywords() -> None:
    assert {f"{path.name} {name}": found for path, name, text in STATEMENTS if (found := breaches(text))} == {}


def test_each_rule_is_seen_to_be_broken() -> None:
    assert len(breaches("SELECT * from plays")) == 4
