"""A release gets what it lacks, and is built, by the uv that `make` put there and from the index that `make` asked."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from audiospective.errors import Refused
from audiospective.operations import deploy, installer

pytestmark = pytest.mark.programs


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout as `make up` leaves it, and this program as its own; its uv says what it was told and fails."""
    program = tmp_path / ".tools" / "uv" / "bin" / "uv"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "the index is ${UV_DEFAULT_INDEX:-unsaid}" >&2\nexit 1\n')
    program.chmod(0o755)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    return program


def environ(home: Path, **more: str) -> dict[str, str]:
    """One without uv on PATH."""
    return {"PATH": os.defpath, "HOME": str(home), **more}


def write(file: Path, index: str) -> Path:
    """A configuration of pip's."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"[global]\nindex-url = {index}\n")
    return file


def test_what_a_release_lacks_is_had_by_the_uv_that_make_put_there(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.defpath)
    assert installer.uv() == str(made)
    write(tmp_path / ".config" / "pip" / "pip.conf", "https://mirror.example.org/simple")
    with pytest.raises(Refused, match=r"nothing-of-the-kind can.t be had: the index is https://mirror\.example\.org/simple"):
        deploy.supply(tmp_path / "site", ["nothing-of-the-kind"], environ(tmp_path))


def test_the_index_is_the_one_that_make_asks(tmp_path: Path) -> None:
    def index(**more: str) -> str | None:
        return installer.as_pip_is_told(environ(tmp_path, **more)).get("UV_DEFAULT_INDEX")

    of_file = write(tmp_path / "else.conf", "https://else.example.org/simple")
    write(tmp_path / ".pip" / "pip.conf", "https://old.example.org/simple")
    assert index() == "https://old.example.org/simple"
    write(tmp_path / ".config" / "pip" / "pip.conf", "https://own.example.org/%(not)s")
    assert index() == "https://own.example.org/%(not)s"
    assert index(PIP_CONFIG_FILE=str(of_file)) == "https://else.example.org/simple"
    assert index(PIP_CONFIG_FILE=str(of_file), PIP_INDEX_URL="https://said.example.org") == "https://said.example.org"
    assert index(PIP_INDEX_URL="https://said.example.org", UV_DEFAULT_INDEX="https://uv.example.org") == "https://uv.example.org"
    assert index(PIP_INDEX_URL="https://said.example.org", UV_INDEX_URL="https://uv.example.org") is None


def test_a_file_of_pips_that_is_none_is_no_fault_of_ours(tmp_path: Path) -> None:
    broken = tmp_path / "pip.conf"
    broken.write_bytes(b"index-url\xff")
    assert "UV_DEFAULT_INDEX" not in installer.as_pip_is_told(environ(tmp_path, PIP_CONFIG_FILE=str(broken)))
