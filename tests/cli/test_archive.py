"""`import`, `imports`, `archive`: listens come in."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.cli.conftest import Run
from tests.cli.instance import wait_until


@pytest.fixture(autouse=True)
def mara(run: Run) -> None:
    run("users", "add", "mara")


def test_an_import_gives_the_counts_of_the_contract(run: Run, export_file: Path) -> None:
    said = run("import", export_file, "--user", "mara", "--json")
    told = said.json
    assert (said.exit, said.err) == (0, "")
    assert list(told) == [
        "import_id", "format", "files", "rows", "new", "duplicates", "rejected", "first_played_at", "last_played_at", "seconds"
    ]  # fmt: skip
    assert (told["files"], told["rows"], told["new"], told["duplicates"]) == (1, 4, 3, 0)
    assert (told["rejected"][0]["file"], told["rejected"][0]["row"], set(told["rejected"][0])) == (
        export_file.name,
        4,
        {"file", "row", "reason"},
    )
    assert (told["first_played_at"], told["last_played_at"]) == ("2024-03-01T12:00:00Z", "2024-03-02T12:00:00Z")


def test_the_second_run_adds_nothing(run: Run, export_file: Path) -> None:
    first, second = (run("import", export_file, "--user", "mara", "--json").json for _ in range(2))
    assert (first["new"], second["new"], second["duplicates"], second["rows"]) == (3, 0, 3, 4)


def test_people_read_the_same_in_words(run: Run, export_file: Path) -> None:
    said = run("import", export_file, "--user", "mara").out
    assert "4 rows in 1 files" in said
    assert "3 new" in said
    assert f"{export_file.name}, row 4" in said


def test_imports_are_listed_and_taken_back(run: Run, export_file: Path) -> None:
    made = run("import", export_file, "--user", "mara", "--json").json
    assert [one["state"] for one in run("imports", "list", "--user", "mara", "--json").json] == ["done"]
    undone = run("imports", "undo", str(made["import_id"]), "--user", "mara")
    assert (undone.exit, undone.out) == (0, "Took back 3 plays.\n")
    assert run("stats", "--user", "mara", "--json").json["totalPlays"] == 0


def test_the_number_of_an_import_says_whose_it_is(run: Run, export_file: Path) -> None:
    made = run("import", export_file, "--user", "mara", "--json").json
    run("users", "add", "noor")
    other = run("import", export_file, "--user", "noor", "--json").json
    assert [one["id"] for one in run("imports", "list", "--json").json] == [other["import_id"], made["import_id"]]
    assert run("imports", "undo", str(made["import_id"]), "--user", "noor").exit == 2
    assert run("imports", "undo", str(made["import_id"]), "--json").json == {"import_id": made["import_id"], "removed": 3}
    assert [run("stats", "--user", name, "--json").json["totalPlays"] > 0 for name in ("mara", "noor")] == [False, True]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_import_that_is_interrupted_says_so_and_leaves_nothing(run: Run, export_file: Path, dsn: str, number: signal.Signals) -> None:
    """By Ctrl-C, by whoever ends it politely, by a terminal that is closed: it isn't shown as running for ever."""
    with psycopg.connect(dsn) as other:
        other.execute("LOCK TABLE plays")  # so that it is amid its work
        words = [sys.executable, "-m", "audiospective.cli.main", "import", str(export_file), "--user", "mara"]
        working = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: [one["state"] for one in run("imports", "list", "--user", "mara", "--json").json] == ["running"])
        working.send_signal(number)
    assert working.wait(timeout=30) == 130
    (told,) = run("imports", "list", "--user", "mara", "--json").json
    assert (told["state"], told["message"]) == ("failed", "The import was interrupted. Nothing of it was kept; import it again.")
    assert run("import", export_file, "--user", "mara", "--json").json["new"] == 3


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("notes.txt", "hello", "notes.txt"),
        ("cut.json", '[{"ts": "2024', "cut.json"),
        ("empty.json", "", "empty.json"),
        (None, "", "isn't there"),
    ],
)
def test_what_is_no_export_is_bad_input_and_leaves_nothing(run: Run, tmp_path: Path, name: str | None, content: str, words: str) -> None:
    path = tmp_path / (name or "nowhere.json")
    if name:
        path.write_text(content)
    said = run("import", path, "--user", "mara", "--json")
    assert (said.exit, said.out, words in said.err, "Traceback" in said.err) == (2, "", True, False)
    assert run("stats", "--user", "mara", "--json").json["totalPlays"] == 0


def test_an_import_of_nobody_is_bad_input(run: Run, export_file: Path) -> None:
    said = run("import", export_file, "--user", "otto")
    assert (said.exit, said.out, "otto" in said.err) == (2, "", True)


def test_no_import_of_that_number(run: Run) -> None:
    said = run("imports", "undo", "4711", "--user", "mara")
    assert (said.exit, said.out) == (2, "")


def test_when_nobody_is_due_nobody_is_asked(run: Run) -> None:
    told = run("archive", "--json").json
    assert (told["users"], told["fetched"], told["new"], told["duplicates"]) == (0, 0, 0, 0)


def test_a_listener_without_spotify_is_told_so(run: Run) -> None:
    run("users", "add", "noor")
    said = run("archive", "--user", "noor")
    assert said.exit == 2
    assert "isn't connected to Spotify" in said.err


def test_a_rehearsal_tells_what_the_import_then_brings_and_writes_nothing(run: Run, export_file: Path) -> None:
    told = run("import", export_file, "--user", "mara", "--rehearse", "--json").json
    assert run("imports", "list", "--user", "mara", "--json").json == []
    assert run("stats", "--user", "mara", "--json").json["totalPlays"] == 0
    done = run("import", export_file, "--user", "mara", "--json").json
    assert [told[name] for name in ("rows", "new", "duplicates", "rejected", "first_played_at", "last_played_at")] == [
        done["rows"],
        done["new"],
        done["duplicates"],
        len(done["rejected"]),
        done["first_played_at"],
        done["last_played_at"],
    ]
    assert [one["rows"] for one in told["refused"]] == [1]
    assert (told["proven_percent_before"], told["proven_percent_after"] > 0) == (None, True)
    again = run("import", export_file, "--user", "mara", "--rehearse")
    assert "0 new" in again.out
    assert "3 already here" in again.out
