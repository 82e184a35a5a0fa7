"""The command line's manners: help is quick, mistakes are sentences, exit codes tell scripts what happened."""

from __future__ import annotations

import errno
import re
import resource
import subprocess
import sys

import pytest

from audiospective.cli.endings import Exit, exit_code, told
from audiospective.cli.main import COMMANDS, main, overview
from audiospective.cli.output import answer
from audiospective.errors import AudiospectiveError, Conflict, DatabaseUnavailable, Invalid, NotFound, RateLimited
from audiospective.export.run import Format
from tests.cli.conftest import Run


def test_the_list_of_commands_names_each_with_its_purpose(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == main([]) == 0
    assert capsys.readouterr().out == (overview() + "\n") * 2
    assert all(f"  {name} " in overview() for name, _, _ in COMMANDS)


def test_the_list_of_commands_counts_the_formats_of_an_export() -> None:
    named = {5: "five", 6: "six", 7: "seven"}[len(Format)]
    assert f"any of {named} formats" in overview()


def test_the_list_of_commands_does_not_wait_for_imports() -> None:
    spent = []
    for _ in range(3):
        before = _of_children()
        subprocess.run([sys.executable, "-m", "audiospective.cli.main", "--help"], check=True, stdout=subprocess.DEVNULL)
        spent.append(_of_children() - before)
    assert min(spent) < 0.3


def _of_children() -> float:
    """Seconds of processor that ended children used; a busy machine makes them wait, not work."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize("name", [name for name, place, _ in COMMANDS if not place.endswith(":app")])
def test_every_command_shows_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    assert f"audiospective {name}" in capsys.readouterr().out.replace("\n", " ")


@pytest.mark.parametrize("words", [["ops", "--help"], ["ops"], ["ops", "incident", "-h"], ["ops", "rollback", "--help"]], ids=" ".join)
def test_a_list_of_commands_says_what_each_does(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 0
    listed = re.findall(r"^│ ([a-z][a-z-]+)( .*)│$", capsys.readouterr().out, re.MULTILINE)
    assert len(listed) > 2
    assert [name for name, says in listed if not says.strip()] == []


def test_a_misspelt_option_is_bad_usage_and_the_right_one_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["up", "--prot", "3"]) == 2
    assert "--port" in capsys.readouterr().err


def test_an_unknown_command_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dance"]) == 2
    assert "dance" in capsys.readouterr().err


def test_bad_settings_are_named_all_at_once(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_ENV", "staging")
    monkeypatch.setenv("DATABASE_URL", "mysql://somewhere")
    assert main(["migrate"]) == 2
    said = capsys.readouterr()
    assert "APP_ENV" in said.err
    assert "DATABASE_URL" in said.err
    assert said.out == ""


def test_a_database_out_of_reach_is_exit_three(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/nowhere")
    monkeypatch.setenv("APP_SECRET", "a secret")
    assert main(["migrate", "--json"]) == 3
    assert "can't be reached" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", ["users list", "users add mara", "stats --user mara", "gaps --user mara", "ops runbook list", "ops status"]
)
def test_a_database_without_our_schema_is_exit_three_and_one_sentence(
    run: Run, empty_dsn: str, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_dsn)
    said = run(*words.split())
    assert (said.exit, said.out) == (3, "")
    assert said.err == "The database lacks the schema of this version; bring it up to date: audiospective migrate\n"


def test_a_worker_without_our_schema_ends_with_three_and_that_sentence(run: Run, empty_dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_dsn)
    worker = subprocess.run(
        [sys.executable, "-m", "audiospective.cli.main", "worker"], capture_output=True, text=True, check=False, timeout=60
    )
    assert worker.returncode == 3
    assert worker.stderr.splitlines()[-1] == "The database lacks the schema of this version; bring it up to date: audiospective migrate"
    assert "Traceback" not in worker.stderr


@pytest.mark.parametrize("words", ["ops backup --to", "ops incident evidence 1 --to"])
def test_a_folder_that_can_not_be_made_is_bad_usage_and_one_sentence(run: Run, words: str) -> None:
    run("ops", "incident", "open", "--severity", "3", "--title", "Slow", "--say", "Pages are slow.")
    said = run(*words.split(), "/proc/nothing")
    assert (said.exit, said.out) == (2, "")
    assert said.err.splitlines()[-1] == "/proc/nothing can't be used (No such file or directory); name another, or see to it."
    assert "Traceback" not in said.err


@pytest.mark.parametrize("number", ["-1", "1000001", "100000000000000000000"])
@pytest.mark.parametrize(
    "words", ["ops errors list --hours", "ops feedback list --days", "ops rounds --days", "ops logs --lines", "ops ledger show --last"]
)
def test_a_number_beyond_all_measure_is_bad_usage_and_names_its_option(run: Run, words: str, number: str) -> None:
    said = run(*words.split(), number)
    assert (said.exit, said.out) == (2, "")
    assert said.err.startswith(f'Invalid value "{number}" for {words.rsplit(maxsplit=1)[-1]}. Must be ')


def test_a_time_before_all_calendars_is_bad_usage_and_one_sentence(run: Run) -> None:
    said = run("ops", "rounds", "--days", "1000000")
    assert (said.exit, said.out) == (2, "")
    assert said.err == "A number is larger than can be counted with here; give a smaller one.\n"


def test_a_full_disk_is_said_and_what_is_no_matter_of_files_is_a_fault_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(OSError(errno.ENOSPC, "No space left on device")) is Exit.USAGE
    assert capsys.readouterr().err == "No room is left for what was to be written; make some, or choose another disk.\n"
    with pytest.raises(ConnectionResetError):
        told(ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Invalid("…", field="x"), Exit.USAGE),
        (NotFound("…"), Exit.USAGE),
        (Conflict("…"), Exit.NO),
        (RateLimited("…", retry_after=1), Exit.NO),
        (DatabaseUnavailable("…"), Exit.UNREACHABLE),
    ],
)
def test_each_branch_of_the_error_tree_has_its_exit_code(error: AudiospectiveError, code: Exit) -> None:
    assert exit_code(error) is code


def test_an_answer_is_one_json_document_or_text(capsys: pytest.CaptureFixture[str]) -> None:
    answer({"plays": 3}, as_json=True, text=str)
    answer({"plays": 3}, as_json=False, text=lambda said: f"{said['plays']} plays")
    assert capsys.readouterr().out == '{"plays":3}\n3 plays\n'
