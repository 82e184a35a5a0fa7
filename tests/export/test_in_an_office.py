"""The CSV in LibreOffice: no cell becomes a formula, and every text is the one that was heard. `make offices` runs it."""

from __future__ import annotations

import asyncio
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from audiospective.archive.ingest import store
from audiospective.archive.plays import Source, UserId
from audiospective.export import run, to_csv
from audiospective.export.run import Format
from audiospective.infra.database import Connection, fetch_all
from audiospective.insights.period import Period
from audiospective.insights.zones import Zone
from tests.archive.listens import EVENING, Heard, batch

pytestmark = pytest.mark.office

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
#: As the dialog has it by itself: comma, double quote, UTF-8 of which the byte order mark tells, and no guessing of dates.
_AS_OPENED = "--infilter=CSV:44,34,76,1,,0,false,false"

_ACTIVE: tuple[str, ...] = (
    "=1+1",
    '=HYPERLINK("http://evil.example";"x")',
    "=cmd|'/C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "\r=1",
)
_ACTIVE += (" =1+1", "\n=1", "＝1+1", "=1+1;2", "\ufeff=1+1", "=", "-", "'=1+1")
_TEXTS: tuple[str, ...] = ("Tide", "'quoted", "''twice", 'say "hi", twice', "真夜中", "Übermut ßäö", "line\nbreak", "🎧👩‍🎤", "א ב")
_TEXTS += (
    "Björk; Sigur",
    "\u202egnp",
    "  two  spaces  ",
    '"',
    "24/7",
    "10:04",
    "Mar-21",
    "50%",
    "$5",
    "TRUE",
    "#REF!",
    "[b]",
    "null",
    "1 000",
)


@pytest.fixture
async def opened(conn: Connection, tmp_path: Path) -> list[list[str]]:
    """Rows of the file as the program has them, formulas as they would be written."""
    add = "INSERT INTO people (name, display_name, created_at) VALUES ('mara', 'Mara', %(now)s) RETURNING id"
    user = UserId((await fetch_all(conn, add, int, now=EVENING))[0])
    heard = [Heard(700 * place, text, 200_000, artist=text) for place, text in enumerate((*_ACTIVE, *_TEXTS))]
    await store(conn, [batch(user, Source.EXTENDED, *heard)])
    path = tmp_path / "archive.csv"
    pieces = run.stream(conn, user, Zone("Europe/Lisbon"), Period("all", None, None), fmt=Format.CSV, now=EVENING)
    path.write_bytes(b"".join([piece async for piece in pieces]))
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    program = ["soffice", "--headless", profile, _AS_OPENED, "--convert-to", "fods", "--outdir", str(tmp_path), str(path)]
    surroundings = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    await asyncio.to_thread(subprocess.run, program, check=True, capture_output=True, timeout=120, env=surroundings)
    return list(_rows(ET.parse(tmp_path / "archive.fods").getroot()))


def _rows(sheet: ET.Element) -> Iterator[list[str]]:
    for row in sheet.iter(f"{_TABLE}table-row"):
        cells = []
        for cell in row.findall(f"{_TABLE}table-cell"):
            text = cell.get(f"{_TABLE}formula") or "\n".join(_said(one) for one in cell.findall(f"{_TEXT}p"))
            cells += [text] * int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        yield cells


def _said(part: ET.Element) -> str:
    """A paragraph's text; spaces in a row and tabs are elements of their own."""
    said = part.text or ""
    for one in part:
        said += {f"{_TEXT}s": " " * int(one.get(f"{_TEXT}c", "1")), f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}.get(
            one.tag, _said(one)
        )
        said += one.tail or ""
    return said


def test_every_line_is_a_row_and_none_of_its_cells_is_a_formula(opened: list[list[str]]) -> None:
    assert opened[0] == list(to_csv.COLUMNS)
    assert len(opened) == 1 + len(_ACTIVE) + len(_TEXTS)
    assert [cell for row in opened for cell in row if cell.startswith(("of:", "="))] == []


def test_every_text_is_the_one_that_was_heard(opened: list[list[str]]) -> None:
    back = [
        cell.removeprefix("'") if cell.startswith(("'=", "'+", "'-", "'@", "'\t", "'\n", "''")) else cell for _, _, cell, *_ in opened[1:]
    ]
    assert back == [text.replace("\r", "\n") for text in (*_ACTIVE, *_TEXTS)]
