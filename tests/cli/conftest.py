"""A command line over a database of the test's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from audiospective.cli.main import main


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended and what it said."""

    exit: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """stdout as the one JSON document that it is."""
        return json.loads(self.out)


Run = Callable[..., Said]


@pytest.fixture
def run(dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command: `run("users", "add", "mara")`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", dsn)
    monkeypatch.setenv("AUDIOSPECTIVE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SPOTIFY_API_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("SPOTIFY_ACCOUNTS_URL", "http://127.0.0.1:9")

    def run(*argv: str | Path) -> Said:
        capfd.readouterr()
        done = main([str(word) for word in argv])
        said = capfd.readouterr()
        return Said(done, said.out, said.err)

    return run


@pytest.fixture
def rehearsed(run: Run, tmp_path: Path) -> Run:
    """The same in a rehearsal's time: where a command would wait, it is later at once."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "rehearsal-clock").write_text("0", encoding="utf-8")
    return run


@pytest.fixture
def export_file(tmp_path: Path) -> Path:
    """An export of three plays of two songs, and a row that can't be read."""
    row = {
        "ms_played": 200_000,
        "spotify_track_uri": "spotify:track:4uLU6hMCjMI75M1A2tKUQC",
        "master_metadata_track_name": "Tide",
        "master_metadata_album_artist_name": "Marrow Coast",
        "master_metadata_album_album_name": "Estuary",
    }
    other = {**row, "spotify_track_uri": "spotify:track:7ouMYWpwJ422jRcDASZB7P", "master_metadata_track_name": "Harbour"}
    rows = [{**row, "ts": "2024-03-01T12:00:00Z"}, {**other, "ts": "2024-03-01T12:05:00Z"}, {**row, "ts": "2024-03-02T12:00:00Z"}]
    path = tmp_path / "Streaming_History_Audio_2024.json"
    path.write_text(json.dumps([*rows, {**row, "ts": "soon"}]))
    return path
